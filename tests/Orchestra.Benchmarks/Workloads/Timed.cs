using System.Diagnostics;

namespace Orchestra.Benchmarks.Workloads;

/// <summary>Work that is done again and again, by several at once, for a while.</summary>
internal static class Timed
{
    /// <param name="workers">Each does one thing after the other; false = it has nothing left.</param>
    /// <param name="length">How long. All stop as soon as one has nothing left.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Things done a second.</returns>
    public static async Task<double> RunAsync(
        IEnumerable<Func<CancellationToken, Task<bool>>> workers,
        TimeSpan length,
        CancellationToken cancel
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var start = Stopwatch.GetTimestamp();
        stop.CancelAfter(length);
        long end = 0;
        stop.Token.Register(() => end = Stopwatch.GetTimestamp());
        long count = 0;
        await Task.WhenAll(
            workers.Select(worker =>
                Task.Run(
                    async () =>
                    {
                        while (!stop.IsCancellationRequested)
                        {
                            if (!await worker(cancel))
                                await stop.CancelAsync();
                            else if (!stop.IsCancellationRequested)
                                Interlocked.Increment(ref count);
                        }
                    },
                    cancel
                )
            )
        );
        cancel.ThrowIfCancellationRequested();
        return count / Stopwatch.GetElapsedTime(start, end).TotalSeconds;
    }
}
