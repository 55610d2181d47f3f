using Orchestra.Client.Apply;
using Orchestra.Client.Local;
using Orchestra.Client.Outbox;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Connection;

/// <summary>
/// What comes from the server on one connection. It never guesses: what does not continue the
/// cursor is fetched again.
/// </summary>
internal sealed class PullStream(
    IMessageChannel channel,
    LocalDatabase database,
    WelcomeMessage welcome,
    ServerClock clock
)
{
    private long head = welcome.Heads.FirstOrDefault(h => h.Owner == welcome.User)?.Version ?? 0;
    private long pulls;
    private bool isAwaitingPull;

    /// <summary>As last heard.</summary>
    public long Head => head;

    /// <summary>While rows are fetched from the start: how many there will be, if that is known.</summary>
    public long? RowsExpected { get; private set; }

    /// <summary>Whether a frame has said, on this connection, that nothing is left to fetch.</summary>
    public bool IsAtHead { get; private set; }

    /// <summary>
    /// Whether the server has continued this device's history. Until then it may still be told to
    /// start anew, and changes numbered meanwhile would stand before what it has to give back.
    /// </summary>
    public bool IsConfirmed { get; private set; }

    /// <summary>
    /// A device that has everything hears nothing until something happens, so it asks: the answer
    /// confirms its history and carries the digest.
    /// </summary>
    public async Task ConfirmAsync(CancellationToken cancel)
    {
        var state = await database.ReadAsync(local => local.State, cancel);
        var isCurrent = welcome.Heads.Any(h =>
            h.Owner == welcome.User
            && h.Epoch == state.Cursor.Epoch
            && h.Version == state.Cursor.Version
        );
        if (isCurrent)
            await PullAsync(state, cancel);
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
        var (applied, hasDropped, state) = await database.WriteAsync(
            local =>
                (
                    FrameApplier.Apply(local, frame),
                    DigestCheck.DropIfDifferent(local, clock),
                    local.State
                ),
            cancel
        );
        if (applied.Outcome == FrameOutcome.Gap)
            await PullAsync(state, cancel);
        else if (hasDropped)
            await StartOverAsync(state, cancel);
        else if (applied.Outcome != FrameOutcome.Foreign)
            await AcknowledgeAsync(frame, state, cancel);
        return applied.Entries;
    }

    /// <exception cref="SyncException"><c>device_forked</c>: a new identity is needed first.</exception>
    public async Task OnResetAsync(ResetMessage reset, CancellationToken cancel)
    {
        var state = await database.WriteAsync(
            local =>
            {
                if (ResetApplier.NeedsNewIdentity(local, reset))
                    throw new SyncException(
                        ErrorCode.DeviceForked,
                        "The server has lost rows that changes under way may refer to"
                    );
                ResetApplier.Apply(local, reset, clock);
                return local.State;
            },
            cancel
        );
        await StartOverAsync(state, cancel);
    }

    /// <summary>The server says what the digest should be, of the types this device takes.</summary>
    public async Task OnVerifiedAsync(VerifiedMessage verified, CancellationToken cancel)
    {
        var (hasDropped, state) = await database.WriteAsync(
            local =>
            {
                DigestCheck.Compare(local, verified);
                return (DigestCheck.DropIfDifferent(local, clock), local.State);
            },
            cancel
        );
        if (hasDropped)
            await StartOverAsync(state, cancel);
    }

    private async Task StartOverAsync(LocalState state, CancellationToken cancel)
    {
        head = 0;
        IsAtHead = false;
        await PullAsync(state, cancel);
    }

    private async Task AcknowledgeAsync(
        ChangesMessage frame,
        LocalState state,
        CancellationToken cancel
    )
    {
        IsConfirmed = true;
        head = Math.Max(head, frame.To);
        RowsExpected = state.IsComplete ? null : frame.Rows;
        IsAtHead = !frame.More && state.IsComplete && state.Cursor.Version >= head;
        await channel.SendAsync(
            new AckMessage(frame.Owner, state.Cursor.Epoch, state.Cursor.Version),
            cancel
        );
    }

    private async Task PullAsync(LocalState state, CancellationToken cancel)
    {
        isAwaitingPull = true;
        await channel.SendAsync(
            new PullMessage(
                welcome.User,
                state.Cursor.Epoch,
                state.Cursor.Version,
                ++pulls,
                state.Cursor.Mark,
                state.Cursor.Floor,
                state.Entities
            ),
            cancel
        );
    }
}
