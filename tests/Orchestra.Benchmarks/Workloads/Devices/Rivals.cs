using Orchestra.Sync;

namespace Orchestra.Benchmarks.Workloads.Devices;

/// <summary>
/// Two devices of an owner that write the same rows in turn. An owner's versions have no gap and
/// nobody else writes, so what a change knows of can be written beforehand.
/// </summary>
internal sealed class Rivals : IDisposable
{
    /// <summary>Of ten rows, this many are written without knowledge of the other device's last change.</summary>
    private const int StaleOfTen = 3;

    private readonly LoadDevice[] devices;
    private readonly PushWriter[] writers;
    private readonly IReadOnlyList<Guid> rows;
    private readonly Queue<(LoadDevice Device, ReadOnlyMemory<byte> Push)> pushes = [];

    /// <summary>The owner's version before the first of the rows was made.</summary>
    private readonly long start;

    /// <summary>How often each row was written, the making of it left out.</summary>
    private int turn;
    private double perSecond = 3;
    private int sent;

    private Rivals(OwnerId owner, LoadDevice[] devices, IReadOnlyList<Guid> rows, long start)
    {
        (Owner, this.devices, this.rows, this.start) = (owner, devices, rows, start);
        writers = [.. devices.Select((device, i) => new PushWriter(device, i * 1_000_000L))];
    }

    public OwnerId Owner { get; }

    public static async Task<Rivals> ConnectAsync(Stage stage, int rows, CancellationToken cancel)
    {
        var owner = Stage.NewOwner();
        var devices = new[]
        {
            await stage.ConnectAsync(owner, cancel),
            await stage.ConnectAsync(owner, cancel),
        };
        var rivals = new Rivals(owner, devices, PushWriter.NewRows(rows), devices[1].Head);
        await devices[0].PushAsync(rivals.writers[0].Create(rivals.rows), cancel);
        // The first turn has nothing that it could not know of.
        var (second, push) = rivals.NextTurn();
        await second.PushAsync(push, cancel);
        return rivals;
    }

    /// <param name="length">For how long there should be pushes.</param>
    public void Prepare(TimeSpan length)
    {
        const double Reserve = 1.6;
        if (sent > 0)
            perSecond = sent / length.TotalSeconds;
        sent = 0;
        while (pushes.Count < Math.Ceiling(perSecond * length.TotalSeconds * Reserve))
        {
            pushes.Enqueue(NextTurn());
        }
    }

    /// <returns>False = there is none left.</returns>
    public async Task<bool> NextAsync(CancellationToken cancel)
    {
        if (!pushes.TryDequeue(out var next))
            return false;
        await next.Device.PushAsync(next.Push, cancel);
        sent++;
        return true;
    }

    public void Dispose()
    {
        foreach (var device in devices)
            device.Dispose();
    }

    private (LoadDevice Device, ReadOnlyMemory<byte> Push) NextTurn()
    {
        turn++;
        var push = writers[turn % 2].Update(rows.Select((row, i) => (row, BaseOf(i))));
        return (devices[turn % 2], push);
    }

    private long BaseOf(int row)
    {
        var known = row % 10 < StaleOfTen ? Math.Max(0, turn - 2) : turn - 1;
        return start + ((long)known * rows.Count) + row + 1;
    }
}
