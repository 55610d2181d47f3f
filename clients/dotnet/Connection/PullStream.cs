using Orchestra.Client.Apply;
using Orchestra.Client.Local;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Connection;

/// <summary>
/// What comes from the server on one connection. It never guesses: what does not continue the
/// cursor is fetched again.
/// </summary>
internal sealed class PullStream(
    IMessageChannel channel,
    LocalDatabase database,
    WelcomeMessage welcome
)
{
    private long head = welcome.Heads.FirstOrDefault(h => h.Owner == welcome.User)?.Version ?? 0;
    private long pulls;
    private bool isAwaitingPull;

    /// <summary>As last heard.</summary>
    public long Head => head;

    /// <summary>Whether a frame has said, on this connection, that nothing is left to fetch.</summary>
    public bool IsAtHead { get; private set; }

    /// <summary>
    /// A device that has everything hears nothing until something happens, so it asks: the answer
    /// confirms its history and carries the digest.
    /// </summary>
    public async Task ConfirmAsync(CancellationToken cancel)
    {
        var cursor = await database.ReadAsync(local => local.State.Cursor, cancel);
        var isCurrent = welcome.Heads.Any(h =>
            h.Owner == welcome.User && h.Epoch == cursor.Epoch && h.Version == cursor.Version
        );
        if (isCurrent)
            await PullAsync(cursor, cancel);
    }

    /// <returns>The entries that were new; empty if the frame brought nothing.</returns>
    public async Task<IReadOnlyList<WireEntry>> OnChangesAsync(
        ChangesMessage frame,
        CancellationToken cancel
    )
    {
        if (isAwaitingPull && frame.Ref != pulls)
            return [];
        isAwaitingPull = false;
        var (applied, state) = await database.WriteAsync(
            local => (FrameApplier.Apply(local, frame), local.State),
            cancel
        );
        if (applied.Outcome == FrameOutcome.Gap)
            await PullAsync(state.Cursor, cancel);
        else if (applied.Outcome != FrameOutcome.Foreign)
            await AcknowledgeAsync(frame, state, cancel);
        return applied.Entries;
    }

    public async Task OnResetAsync(ResetMessage reset, CancellationToken cancel)
    {
        var cursor = await database.WriteAsync(
            local =>
            {
                ResetApplier.Apply(local, reset);
                return local.State.Cursor;
            },
            cancel
        );
        head = 0;
        IsAtHead = false;
        await PullAsync(cursor, cancel);
    }

    private async Task AcknowledgeAsync(
        ChangesMessage frame,
        LocalState state,
        CancellationToken cancel
    )
    {
        head = Math.Max(head, frame.To);
        IsAtHead = !frame.More && state.IsComplete && state.Cursor.Version >= head;
        await channel.SendAsync(
            new AckMessage(frame.Owner, state.Cursor.Epoch, state.Cursor.Version),
            cancel
        );
    }

    private async Task PullAsync(Cursor cursor, CancellationToken cancel)
    {
        isAwaitingPull = true;
        await channel.SendAsync(
            new PullMessage(
                welcome.User,
                cursor.Epoch,
                cursor.Version,
                ++pulls,
                cursor.Mark,
                cursor.Floor
            ),
            cancel
        );
    }
}
