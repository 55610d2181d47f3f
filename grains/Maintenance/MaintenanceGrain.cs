using Microsoft.Extensions.Logging;
using Orchestra.Grains.Interfaces;
using Orchestra.Sync.Store;
using Orleans.Runtime;

namespace Orchestra.Grains.Maintenance;

/// <inheritdoc cref="IMaintenanceGrain"/>
internal sealed class MaintenanceGrain(
    IStoreMaintenance maintenance,
    Retention retention,
    ILogger<MaintenanceGrain> logger
) : Grain, IMaintenanceGrain, IRemindable, IDisposable
{
    private const string Reminder = "maintenance";

    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    private readonly CancellationTokenSource stop = new();
    private Task run = Task.CompletedTask;

    public async Task Schedule()
    {
        if (await this.GetReminder(Reminder) is not null)
            return;
        // A reminder that is due at once would come a period later.
        await this.RegisterOrUpdateReminder(Reminder, dueTime: Period, Period);
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

    /// <summary>A run may take longer than a call may, so nobody waits for it.</summary>
    private void Begin()
    {
        if (!run.IsCompleted)
            return;
        DelayDeactivation(Period);
        run = RunAsync();
    }

    private async Task RunAsync()
    {
        try
        {
            await maintenance.RunAsync(retention, Silence.Instance, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The silo is leaving.
        }
        catch (Exception e)
        {
            MaintenanceLog.Failed(logger, e.Message);
        }
    }

    /// <summary>The store logs what it did; nobody watches the steps.</summary>
    private sealed class Silence : IProgress<string>
    {
        public static readonly Silence Instance = new();

        public void Report(string value) { }
    }
}
