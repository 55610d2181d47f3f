using Microsoft.Extensions.Hosting;

namespace Orchestra.Grains;

internal static class HostStart
{
    /// <summary>Waits until everything in the process is up, Orleans included.</summary>
    public static async Task StartedAsync(
        this IHostApplicationLifetime lifetime,
        CancellationToken stopping
    )
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var signal = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        await started.Task.WaitAsync(stopping);
    }
}
