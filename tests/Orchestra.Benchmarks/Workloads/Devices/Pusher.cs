namespace Orchestra.Benchmarks.Workloads.Devices;

/// <summary>A device with pushes written beforehand, enough for a while at the speed it had last.</summary>
/// <param name="changes">In each push.</param>
internal sealed class Pusher(LoadDevice device, int changes)
{
    /// <summary>The speed may grow by so much from one time to the next.</summary>
    private const double Reserve = 1.6;

    private readonly PushWriter writer = new(device);
    private readonly Queue<ReadOnlyMemory<byte>> pushes = [];
    private double perSecond = 400.0 / (changes + 2);
    private int sent;

    public int Changes => changes;

    /// <summary>Writes pushes of new rows.</summary>
    /// <param name="length">For how long there should be some.</param>
    public void Prepare(TimeSpan length)
    {
        if (sent > 0)
            perSecond = sent / length.TotalSeconds;
        sent = 0;
        while (pushes.Count < Math.Ceiling(perSecond * length.TotalSeconds * Reserve))
            pushes.Enqueue(writer.Create(changes));
    }

    /// <returns>False = there is none left.</returns>
    public async Task<bool> NextAsync(CancellationToken cancel)
    {
        if (!pushes.TryDequeue(out var push))
            return false;
        await device.PushAsync(push, cancel);
        sent++;
        return true;
    }
}
