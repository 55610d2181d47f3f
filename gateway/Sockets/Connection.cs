using System.Net.WebSockets;
using Orchestra.Gateway.Errors;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Sockets;

/// <summary>One WebSocket: whole messages in, whole messages out, and one orderly end.</summary>
internal sealed class Connection : IDisposable
{
    /// <summary>How long a peer may take to answer a close.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    /// <summary>Timers cannot look further ahead than this.</summary>
    private static readonly TimeSpan FurthestDeadline = TimeSpan.FromDays(20);

    private readonly CancellationTokenSource ended = new();
    private readonly MessageReader reader;
    private readonly MessageWriter writer;
    private readonly ErrorAnswers errors;
    private readonly ITimer deadline;
    private Action atDeadline = () => { };
    private int closing;

    public Connection(WebSocket socket, ErrorAnswers errors, TimeProvider time)
    {
        this.errors = errors;
        Ended = ended.Token;
        reader = new MessageReader(socket, Ended);
        writer = new MessageWriter(socket, time, Ended);
        deadline = time.CreateTimer(
            _ => atDeadline(),
            null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
    }

    /// <summary>The socket is gone; whatever still works for it can stop.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Nothing that the peer still sends counts.</summary>
    public bool IsClosing => Volatile.Read(ref closing) != 0;

    /// <param name="most">The longest message that is read, bytes.</param>
    public ValueTask<ReceivedMessage> ReadAsync(int most) => reader.ReadAsync(most);

    /// <summary>Whether a message has been on its way for that long: the peer does not read.</summary>
    public bool IsStalledFor(TimeSpan span) => writer.IsStalledFor(span);

    public Task DiscardAsync() => reader.DiscardAsync();

    public Task SendAsync(ServerMessage message) => writer.SendAsync(message);

    public Task SendAsync(ReadOnlyMemory<byte> message) => writer.SendAsync(message);

    /// <summary>Does <paramref name="otherwise"/> after a while, unless called again before.</summary>
    public void Expect(TimeSpan within, Action otherwise)
    {
        if (IsClosing)
            return;
        atDeadline = otherwise;
        var due = within < TimeSpan.Zero ? TimeSpan.Zero : within;
        deadline.Change(due < FurthestDeadline ? due : FurthestDeadline, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Tells the peer what went wrong, and closes if that is the end of it.</summary>
    /// <param name="fault">What happened.</param>
    /// <param name="answers">The <c>ref</c> of the request that failed.</param>
    /// <param name="isEnd">Whether to close although the error alone would not.</param>
    public async Task FailAsync(Exception fault, long? answers = null, bool isEnd = false)
    {
        var (code, message) = errors.ToReply(fault, answers);
        var close = ErrorTable.For(code).CloseCode ?? (isEnd ? ErrorTable.PolicyViolation : null);
        if (close is not { } closeCode)
            await SendAsync(message);
        else
            await CloseAsync(message, closeCode, message.Code);
    }

    /// <summary>Tells the peer why, and closes; nobody waits for it.</summary>
    public void TurnAway(SyncException why) => _ = FailAsync(why, isEnd: true);

    /// <summary>Sends a last message and closes; the peer has a moment to read it.</summary>
    public async Task CloseAsync(ServerMessage last, int code, string reason)
    {
        if (Interlocked.Exchange(ref closing, 1) != 0)
            return;
        // Before anything is written: a peer that does not read must not keep the socket.
        atDeadline = ended.Cancel;
        deadline.Change(Farewell, Timeout.InfiniteTimeSpan);
        await writer.SendAsync(last);
        await writer.CloseAsync(code, reason);
    }

    /// <summary>Ends the deadline that <see cref="Expect"/> set.</summary>
    public void ExpectNothing()
    {
        if (!IsClosing)
            deadline.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// The source itself is left to the collector: it holds nothing, and the deadline may be about to
    /// cancel it on a timer's thread, where an exception would end the process.
    /// </summary>
    public void Dispose()
    {
        deadline.Dispose();
        ended.Cancel();
    }
}
