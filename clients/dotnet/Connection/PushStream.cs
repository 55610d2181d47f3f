using Orchestra.Client.Local;
using Orchestra.Client.Outbox;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Connection;

/// <summary>
/// What goes to the server on one connection: the outbox, in order, from the first change without
/// a verdict. An error about a push ends the connection, and the next one begins there again.
/// </summary>
internal sealed class PushStream(
    IMessageChannel channel,
    LocalDatabase database,
    EditClock clock,
    PushPacing pacing,
    WelcomeMessage welcome
)
{
    /// <summary>Pushes and pulls count separately; this keeps their refs apart.</summary>
    private const long FirstRef = 1_000_000;

    private readonly Queue<InFlightPush> inFlight = [];
    private long lastRef = FirstRef;
    private long? sentUpTo;

    /// <summary>Sends what may be sent now.</summary>
    public async Task PumpAsync(CancellationToken cancel)
    {
        while (inFlight.Count < pacing.InFlight)
        {
            var (batch, settled, epoch) = await database.WriteAsync(Next, cancel);
            if (batch.Count == 0)
                return;
            var push = new InFlightPush(++lastRef, batch);
            inFlight.Enqueue(push);
            sentUpTo = push.LastSeq;
            await channel.SendAsync(
                new PushMessage(
                    welcome.User,
                    epoch,
                    settled,
                    [.. batch.Select(change => change.ToWire(clock))],
                    push.Ref
                ),
                cancel
            );
        }
    }

    public async Task OnPushedAsync(PushedMessage pushed, CancellationToken cancel)
    {
        Invariant.Require(inFlight.Count > 0 && pushed.Ref == inFlight.Peek().Ref);
        await database.WriteAsync(
            local =>
            {
                VerdictRecorder.Record(local, pushed);
                return true;
            },
            cancel
        );
        pacing.Taken(inFlight.Dequeue().LastSeq);
    }

    /// <summary>
    /// Whether an error is about a push; if it is one that would come back, makes the next attempt
    /// smaller, and voids what is found to be at fault.
    /// </summary>
    public async Task<bool> OnRefusedAsync(
        long? about,
        SyncException error,
        CancellationToken cancel
    )
    {
        var blamed = inFlight.Where(push => about is null || push.Ref == about).ToList();
        if (blamed.Count == 0 || error.Code.IsRetryable())
            return false;
        if (pacing.Refused(blamed) is { } culprits)
            await database.WriteAsync(local => Void(local, culprits, error), cancel);
        return true;
    }

    /// <summary>
    /// The server misses a seq. If that is one it has answered, it is not the server that answered.
    /// </summary>
    public async Task RequireOwnGapAsync(SyncException error, CancellationToken cancel)
    {
        var first = await database.ReadAsync(local => FirstToSend(local), cancel);
        if (error.ExpectedSeq < first)
            throw new SyncException(
                ErrorCode.DeviceForked,
                $"The server asks for change {error.ExpectedSeq}, which it has answered before: "
                    + "it was restored from an older state"
            );
    }

    private (IReadOnlyList<OutboxChange>, long Settled, long Epoch) Next(LocalTransaction local)
    {
        var first = FirstToSend(local);
        var batch = PushBatch.Take(local, sentUpTo ?? first - 1, pacing.Limit(welcome.Limits));
        return (batch, first - 1, local.State.Cursor.Epoch);
    }

    private static long FirstToSend(LocalTransaction local) =>
        local.Outbox.FirstUnanswered() ?? local.State.LastSeq + 1;

    private static int Void(
        LocalTransaction local,
        IReadOnlyList<OutboxChange> culprits,
        SyncException error
    )
    {
        foreach (var change in culprits)
        {
            local.Conflicts.AddUnsendable(change, error.Code, error.Message);
            local.Outbox.MakeVoid(change);
        }
        return culprits.Count;
    }
}
