using Microsoft.Extensions.Logging;
using Orchestra.Grains.Interfaces;
using Orchestra.Grains.Measuring;
using Orleans.Runtime;

namespace Orchestra.Grains.Maintenance;

/// <inheritdoc cref="IScheduledGrain"/>
/// <param name="what">Names its reminder.</param>
/// <param name="period">From one run to the next.</param>
/// <param name="logger">Hears what goes wrong.</param>
internal abstract class ScheduledGrain(string what, TimeSpan period, ILogger logger)
    : Grain,
        IScheduledGrain,
        IRemindable,
        IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private Task run = Task.CompletedTask;

    public virtual async Task Schedule()
    {
        if (await this.GetReminder(what) is not null)
            return;
        // A reminder that is due at once would come a period later.
        await this.RegisterOrUpdateReminder(what, dueTime: period, period);
        Begin();
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        Begin();
        return Task.CompletedTask;
    }

    /// <summary>What was not finished goes on with the next reminder, on another silo.</summary>
    public override async Task OnDeactivateAsync(
        DeactivationReason reason,
        CancellationToken cancellationToken
    )
    {
        await stop.CancelAsync();
        await run.WaitAsync(cancellationToken);
    }

    public void Dispose() => stop.Dispose();

    protected abstract Task WorkAsync(CancellationToken cancellation);

    /// <summary>A run may take longer than a call may, so nobody waits for it.</summary>
    protected void Begin()
    {
        if (!run.IsCompleted)
            return;
        DelayDeactivation(period);
        run = RunAsync();
    }

    private async Task RunAsync()
    {
        try
        {
            await WorkAsync(stop.Token);
            GrainMeter.Run(what, GrainMeter.Done);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The silo is leaving.
        }
        catch (Exception e)
        {
            GrainMeter.Run(what, GrainMeter.Failed);
            MaintenanceLog.Failed(logger, what, e.Message);
        }
    }
}
