using Orchestra.Client.Outbox;

namespace Orchestra.Client.Connection;

/// <summary>A push that was sent and not answered yet.</summary>
internal sealed record InFlightPush(long Ref, IReadOnlyList<OutboxChange> Changes)
{
    public long LastSeq => Changes[^1].Seq!.Value;

    public int Groups => PushBatch.Groups(Changes).Count;
}
