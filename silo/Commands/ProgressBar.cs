using Spectre.Console;

namespace Orchestra.Silo.Commands;

/// <summary>A bar that fills, where somebody watches; nothing where the output goes to a file.</summary>
internal static class ProgressBar
{
    /// <param name="what">What is under way.</param>
    /// <param name="total">How much there is of it.</param>
    /// <param name="work">Is given what to tell how much of it is done.</param>
    public static async Task<T> ShowAsync<T>(
        string what,
        long total,
        Func<Action<long>, Task<T>> work
    )
    {
        if (Console.IsOutputRedirected)
            return await work(_ => { });
        return await AnsiConsole
            .Progress()
            .Columns(
                new TaskDescriptionColumn(),
                new ProgressBarColumn(),
                new PercentageColumn(),
                new RemainingTimeColumn()
            )
            .StartAsync(async bars =>
            {
                var bar = bars.AddTask(what, maxValue: Math.Max(total, 1));
                var result = await work(done => bar.Value = done);
                bar.Value = bar.MaxValue;
                return result;
            });
    }
}

/// <summary>Tells a bar what a room reports.</summary>
internal sealed class Telling<T>(Action<long> bar, Func<T, long> done) : IProgress<T>
{
    public void Report(T value) => bar(done(value));
}
