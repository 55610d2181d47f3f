using Orchestra.Gateway.Requests;
using Orchestra.Sync;
using Orchestra.Sync.Store;

namespace Orchestra.Gateway.Sockets;

/// <summary>Where a stream is.</summary>
/// <param name="Cursor">What the device has been sent, and believes to be before that.</param>
/// <param name="Entities">The only types it takes; null = all.</param>
/// <param name="IsProven">
/// Whether the cursor came from the server. A device's own may belong to another history: the owner's
/// grain has to look at it first.
/// </param>
/// <param name="Answers">The <c>ref</c> that the next frame carries.</param>
internal sealed record StreamPosition(
    Cursor Cursor,
    IReadOnlyList<string>? Entities,
    bool IsProven,
    long? Answers
)
{
    /// <summary>Whether a frame that others get too will do.</summary>
    public bool TakesShared => IsProven && Entities is null && Cursor.Floor is null;

    public StreamPosition After(Frame frame) => new(frame.End, Entities, true, null);

    /// <summary>An empty frame that says: this is the head, and you are there.</summary>
    public Frame? ToHeartbeat(OwnerId owner, OwnerHead head)
    {
        if (Cursor.Version != head.Version || Cursor.Epoch != head.Epoch)
            return null;
        var page = new ChangesPage(
            head.Epoch,
            head.Version,
            head.Version,
            Cursor.Mark,
            More: false,
            Floor: null,
            Entities is null ? head.Digest : null,
            Entities is null ? head.Rows : null,
            head.Version,
            []
        );
        return Frame.Of(owner, page, null, null);
    }
}
