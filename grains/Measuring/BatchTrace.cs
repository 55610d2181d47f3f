using System.Diagnostics;

namespace Orchestra.Grains.Measuring;

/// <summary>
/// Spans of what is done for many callers at once: each is part of the first caller's trace and is
/// linked to those of the others.
/// </summary>
internal static class BatchTrace
{
    private static readonly ActivitySource Source = new("Orchestra.Grains");

    /// <param name="name">What is done.</param>
    /// <param name="callers">The batch.</param>
    /// <param name="spanOf">The span that was current where a caller asked.</param>
    /// <returns>Null where no caller's trace is recorded.</returns>
    public static Activity? Begin<T>(
        string name,
        IReadOnlyList<T> callers,
        Func<T, Activity?> spanOf
    )
    {
        if (!Source.HasListeners())
            return null;
        var spans = callers
            .Select(spanOf)
            .OfType<Activity>()
            .Where(span => span.Recorded)
            .Distinct()
            .ToList();
        return spans.Count == 0
            ? null
            : Source.StartActivity(
                name,
                ActivityKind.Internal,
                spans[0].Context,
                [new("orchestra.batch.size", callers.Count)],
                spans.Skip(1).Select(span => new ActivityLink(span.Context))
            );
    }

    /// <summary>
    /// What a loop does is of nobody's trace but by <see cref="Begin"/>, whoever happened to be the one
    /// that started it.
    /// </summary>
    public static void Leave()
    {
        if (Activity.Current is not null)
            Activity.Current = null;
    }
}
