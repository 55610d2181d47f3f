using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Simulation.Machine;

namespace Orchestra.TestKit.Simulation.Devices;

/// <summary>Reads along on a device's connections.</summary>
internal sealed class DeviceRecorder(World world, string name, Observations seen)
{
    private readonly Dictionary<(DeviceId Device, long Seq), ChangeId> ids = [];
    private bool isReset;

    /// <summary>Its id, once it has said it.</summary>
    public DeviceId? Device { get; private set; }

    /// <summary>In which history the device is, as it last said.</summary>
    public long Epoch { get; private set; }

    /// <summary>The frame that it has received and not acknowledged.</summary>
    public ChangesMessage? UnderWay { get; private set; }

    /// <summary>Called when the next frame comes in, once.</summary>
    public Action? AtNextFrame { get; set; }

    /// <summary>Resets that it was told to make.</summary>
    public int Resets { get; private set; }

    public void Sent(ClientMessage message)
    {
        world.Trace.Add(world.Now, name, "sends " + Outline.Of(message));
        switch (message)
        {
            case HelloMessage hello:
                if (Device is { } before && before != hello.Device.Id)
                    seen.Renewed.UnionWith([before, hello.Device.Id]);
                Device = hello.Device.Id;
                foreach (var cursor in hello.Cursors)
                    Note(cursor.Epoch, cursor.Version);
                break;
            case PushMessage push:
                Epoch = push.Epoch;
                foreach (var change in push.Changes)
                    Note(change);
                break;
            // A device that begins anew without being told so has found that its rows are wrong.
            case PullMessage pull:
                Note(pull.Epoch, pull.Since);
                break;
            case AckMessage ack:
                UnderWay = null;
                Note(ack.Epoch, ack.Version);
                break;
        }
    }

    public void Received(ServerMessage message)
    {
        switch (message)
        {
            case PushedMessage pushed:
                foreach (var verdict in pushed.Results)
                    Note(verdict);
                break;
            case ChangesMessage frame:
                UnderWay = frame;
                var called = AtNextFrame;
                AtNextFrame = null;
                called?.Invoke();
                break;
            case ResetMessage reset:
                world.Trace.Add(world.Now, name, $"hears reset: {reset.Reason}");
                isReset = true;
                Resets++;
                break;
            case ErrorMessage error:
                world.Trace.Add(world.Now, name, $"hears error: {error.Code}");
                break;
        }
    }

    private void Note(long epoch, long version)
    {
        Epoch = epoch;
        seen.Progress.Add(new Progress(name, epoch, version, isReset));
        isReset = false;
    }

    private void Note(WireChange change)
    {
        seen.Sent[change.Change] = new SentEdit(Device!.Value, change);
        ids[(Device!.Value, change.Seq)] = change.Change;
    }

    private void Note(WireVerdict verdict)
    {
        if (
            verdict.Status == ChangeStatus.Void
            || !ids.TryGetValue((Device!.Value, verdict.Seq), out var id)
        )
            return;
        seen.Verdicts.Add(
            new HeardVerdict(
                id,
                Epoch,
                verdict.Status == ChangeStatus.Duplicate
                    ? verdict.Was ?? ChangeStatus.Applied
                    : verdict.Status,
                verdict.Version,
                verdict.Code
            )
        );
    }
}
