using System.Diagnostics;
using Orchestra.Sync.Errors;

namespace Orchestra.Gateway.Requests;

/// <summary>
/// The span that a push's trace begins with. What a client says of a trace of its own is not taken over:
/// it could make this server record as much as it likes.
/// </summary>
internal static class PushTrace
{
    private static readonly ActivitySource Source = new("Orchestra.Gateway");

    /// <returns>Null where nobody traces. It is current until the caller's method ends.</returns>
    public static Activity? Begin(int changes)
    {
        if (!Source.HasListeners())
            return null;
        Activity.Current = null;
        return Source.StartActivity(
            "push",
            ActivityKind.Server,
            default(ActivityContext),
            [new("orchestra.changes", changes)]
        );
    }

    /// <summary>Notes the error code, and no more of it.</summary>
    /// <returns>False, so that it can stand in a filter.</returns>
    public static bool Fail(Activity? span, Exception fault)
    {
        var code = fault is SyncException { Code: var known } ? known : ErrorCode.Internal;
        span?.SetTag("error.type", code.Name()).SetStatus(ActivityStatusCode.Error);
        return false;
    }
}
