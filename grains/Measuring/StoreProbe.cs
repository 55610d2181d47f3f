using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Orchestra.Sync.Store;

namespace Orchestra.Grains.Measuring;

/// <summary>
/// Asks the store every five seconds whether it answers, so that it is known also while nobody writes.
/// </summary>
public sealed class StoreProbe : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ISyncStore store;
    private readonly TimeProvider time;
    private Task question = Task.CompletedTask;
    private volatile bool isAnswering = true;

    public StoreProbe(ISyncStore store, TimeProvider time, IMeterFactory meters)
    {
        this.store = store;
        this.time = time;
        meters
            .Create("Orchestra.Store")
            .CreateObservableGauge(
                "orchestra.store.up",
                () => isAnswering ? 1 : 0,
                description: "Whether the store answers within two seconds"
            );
    }

    /// <summary>Whether it did when it was last asked.</summary>
    public bool IsAnswering => isAnswering;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            isAnswering = await AskAsync();
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>One question at a time, or a store that hangs would be asked ever more.</summary>
    private async Task<bool> AskAsync()
    {
        if (!question.IsCompleted)
            return false;
        try
        {
            question = store.LoadHeadsAsync([], CancellationToken.None);
            await question.WaitAsync(Patience, time);
            return true;
        }
        catch (Exception)
        {
            // The store's own log says what it was.
            return false;
        }
    }
}
