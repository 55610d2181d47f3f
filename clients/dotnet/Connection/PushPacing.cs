using Orchestra.Client.Outbox;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Connection;

/// <summary>
/// How much to send at once. Normally several full pushes; after the server has refused one as a
/// whole, one at a time and ever smaller, until what is refused is a single change or transaction.
/// Outlives connections, for a refusal may end one.
/// </summary>
internal sealed class PushPacing
{
    private const int PipelinedPushes = 4;

    private int smallest = int.MaxValue;
    private long carefulUntil;

    public int InFlight => IsCareful ? 1 : PipelinedPushes;

    private bool IsCareful => carefulUntil > 0;

    public BatchLimit Limit(WireLimits server) =>
        new(
            Math.Min(smallest, server.PushChanges),
            // Field values cost more as JSON inside a message than alone, and names are repeated.
            server.FrameBytes / 2
        );

    /// <summary>The server took everything up to a seq.</summary>
    public void Taken(long seq)
    {
        if (seq < carefulUntil)
            return;
        carefulUntil = 0;
        smallest = int.MaxValue;
    }

    /// <summary>The server refused one of these pushes as a whole.</summary>
    /// <returns>The changes at fault, once they are found.</returns>
    public IReadOnlyList<OutboxChange>? Refused(IReadOnlyCollection<InFlightPush> pushes)
    {
        carefulUntil = Math.Max(carefulUntil, pushes.Max(push => push.LastSeq));
        if (pushes.Count > 1)
            return null;
        var push = pushes.Single();
        if (push.Groups == 1)
            return push.Changes;
        smallest = Math.Max(1, push.Changes.Count / 2);
        return null;
    }
}
