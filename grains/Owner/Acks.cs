using Microsoft.Extensions.Logging;
using Orchestra.Sync;
using Orchestra.Sync.Store;

namespace Orchestra.Grains.Owner;

/// <summary>
/// How far each device has come. Worth knowing, not worth a commit: gathered and written now and
/// then.
/// </summary>
internal sealed class Acks(OwnerId owner, ISyncStore store, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan SaveAfter = TimeSpan.FromSeconds(10);

    private readonly Dictionary<DeviceId, DeviceAck> pending = [];
    private IGrainTimer? timer;

    public void Note(IGrainBase grain, DeviceId device, long version)
    {
        if (!pending.TryGetValue(device, out var known) || known.Version <= version)
            pending[device] = new(owner, device, version, time.GetUtcNow());
        timer ??= grain.RegisterGrainTimer(
            SaveAsync,
            new()
            {
                DueTime = SaveAfter,
                Period = Timeout.InfiniteTimeSpan,
                Interleave = true,
            }
        );
    }

    public async Task SaveAsync()
    {
        timer?.Dispose();
        timer = null;
        if (pending.Count == 0)
            return;
        var acks = pending.Values.ToList();
        pending.Clear();
        try
        {
            await store.SaveAcksAsync(acks, CancellationToken.None);
        }
        catch (Exception e)
        {
            // The devices say it again; nothing depends on this one.
            Log.AcksNotSaved(logger, owner, e);
        }
    }
}
