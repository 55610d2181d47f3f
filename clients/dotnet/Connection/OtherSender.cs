using Orchestra.Client.Local;
using Orchestra.Sync.Errors;

namespace Orchestra.Client.Connection;

/// <summary>Another process that is connected sends what is written here, so there is only to wait.</summary>
internal static class OtherSender
{
    /// <summary>How long nothing may leave the outbox before the other process counts as stuck.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <returns>The lock, if the other process gave it up; null once it has sent everything.</returns>
    /// <exception cref="SyncException"><c>device_replaced</c>: it does not get on.</exception>
    public static async Task<IDisposable?> WaitAsync(
        LocalDatabase database,
        ClientOptions options,
        CancellationToken cancel
    )
    {
        using var timer = new PeriodicTimer(options.OutboxPoll, options.Time);
        var least = long.MaxValue;
        var since = options.Time.GetTimestamp();
        while (options.Time.GetElapsedTime(since) < Patience)
        {
            if (options.Surroundings.TakeSenderLock(database.Path) is { } taken)
                return taken;
            var outbox = await database.ReadAsync(local => local.Outbox.Count(), cancel);
            if (outbox == 0)
                return null;
            if (outbox < least)
                (least, since) = (outbox, options.Time.GetTimestamp());
            await timer.WaitForNextTickAsync(cancel);
        }
        throw Busy(database);
    }

    public static SyncException Busy(LocalDatabase database) =>
        new(
            ErrorCode.DeviceReplaced,
            $"Another process is syncing {database.Path}, and two cannot do it at once"
        );
}
