using Orchestra.Sync;

namespace Orchestra.Gateway.Sockets;

/// <summary>
/// How many bytes of changes a device may be sent before it acknowledges some. What bounds the
/// memory a device that does not read can cost is that nothing is read for it beyond this.
/// </summary>
internal sealed class CreditWindow
{
    /// <summary>Below this much credit nothing is read: small pages would cost more than they help.</summary>
    private const int LeastRoom = 64 * 1024;

    private readonly Queue<(long To, int Bytes)> unacknowledged = [];
    private int outstanding;

    /// <summary>Bytes that the next frame may have; 0 = wait for an acknowledgement.</summary>
    public int Room
    {
        get
        {
            var room = Limits.WindowBytes - outstanding;
            if (outstanding == 0 || room >= LeastRoom)
                return Math.Min(room, Limits.FrameBytes);
            return 0;
        }
    }

    /// <summary>An idle window admits any one frame, however large.</summary>
    public bool Admits(int bytes) => outstanding == 0 || outstanding + bytes <= Limits.WindowBytes;

    public void Spend(long to, int bytes)
    {
        unacknowledged.Enqueue((to, bytes));
        outstanding += bytes;
    }

    /// <returns>Whether that was news.</returns>
    public bool Acknowledge(long version)
    {
        var before = unacknowledged.Count;
        while (unacknowledged.TryPeek(out var oldest) && oldest.To <= version)
        {
            outstanding -= oldest.Bytes;
            unacknowledged.Dequeue();
        }
        return unacknowledged.Count < before;
    }

    public void Clear()
    {
        unacknowledged.Clear();
        outstanding = 0;
    }
}
