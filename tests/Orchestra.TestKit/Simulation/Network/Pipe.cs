using Orchestra.TestKit.Simulation.Machine;

namespace Orchestra.TestKit.Simulation.Network;

/// <summary>One direction of a connection. What is sent arrives later and in order.</summary>
internal sealed class Pipe(World world)
{
    private readonly Queue<Parcel> arrived = [];
    private TaskCompletionSource? waiting;
    private TimeSpan lastArrival;
    private bool isCut;

    /// <summary>The reader has been told that the connection is gone.</summary>
    public bool IsLost { get; private set; }

    /// <param name="parcel">What to send.</param>
    /// <param name="delay">On the way.</param>
    /// <param name="mayBeOvertaken">Whether what is sent later may arrive earlier.</param>
    public void Send(Parcel parcel, TimeSpan delay, bool mayBeOvertaken = false)
    {
        if (isCut)
            return;
        var at = world.Now + delay;
        if (at < lastArrival && !mayBeOvertaken)
            at = lastArrival;
        if (!mayBeOvertaken)
            lastArrival = at;
        world.At(at - world.Now, () => Arrive(parcel));
    }

    /// <summary>What is under way is lost, and what is sent from now on.</summary>
    public void Cut() => isCut = true;

    /// <summary>The reader hears that the connection is gone.</summary>
    public void Lose()
    {
        isCut = true;
        IsLost = true;
        waiting?.TrySetResult();
    }

    /// <summary>Waits until there is something to take.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    public async Task<Parcel> PeekAsync(CancellationToken cancel)
    {
        while (arrived.Count == 0)
        {
            if (IsLost)
                throw new IOException("The connection was lost");
            // Completed inline: what waits is a process, and goes on in its own lane.
            waiting = new TaskCompletionSource();
            await waiting.Task.WaitAsync(cancel);
        }
        return arrived.Peek();
    }

    public void Take() => arrived.Dequeue();

    private void Arrive(Parcel parcel)
    {
        if (isCut)
            return;
        arrived.Enqueue(parcel);
        waiting?.TrySetResult();
    }
}

/// <param name="Bytes">The message; null = the other end has closed.</param>
/// <param name="CloseCode">Why it has.</param>
internal sealed record Parcel(byte[]? Bytes, int CloseCode = 0);
