using System.Diagnostics;
using Orchestra.Gateway.Authentication;
using Orchestra.Gateway.Errors;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Sockets;

/// <summary>Reads one socket until it ends: hello first, then whatever the session takes.</summary>
/// <param name="connection">The socket.</param>
/// <param name="fromHeader">Whom the upgrade request's token named, if it had one.</param>
/// <param name="services">Shared by all sockets.</param>
/// <param name="stranger">Its place among those that have not said hello.</param>
internal sealed class SocketLoop(
    Connection connection,
    Caller? fromHeader,
    SocketServices services,
    IDisposable? stranger = null
)
{
    /// <summary>A hello is short, and whoever sends it may be anybody.</summary>
    private const int HelloBytes = 64 * 1024;

    private static readonly TimeSpan HelloWithin = TimeSpan.FromSeconds(5);

    private DeviceSession? session;

    public async Task RunAsync()
    {
        // The upgrade's span would last as long as the socket; each push begins a trace of its own.
        Activity.Current = null;
        connection.Expect(HelloWithin, () => _ = MissHelloAsync());
        try
        {
            while (!connection.IsClosing)
            {
                using var message = await connection.ReadAsync(
                    session is null ? HelloBytes : Limits.FrameBytes
                );
                if (message.Reading == Reading.Closed)
                    break;
                if (services.Pace is { } pace)
                    await pace.WaitAsync(session is null ? this : session.Feed.Owner);
                await HandleAsync(message);
            }
            await connection.DiscardAsync();
        }
        finally
        {
            await LeaveAsync();
        }
    }

    /// <summary>Answers what was asked, says when to come back, and closes.</summary>
    public async Task DrainAsync(TimeSpan reconnectAfter, CancellationToken impatience)
    {
        if (session is not null)
            await session.WhenAnswered().WaitAsync(impatience);
        await connection.CloseAsync(
            new DrainMessage((long)reconnectAfter.TotalMilliseconds),
            ErrorTable.For(ErrorCode.Draining).CloseCode!.Value,
            ErrorCode.Draining.Name()
        );
    }

    private async Task HandleAsync(ReceivedMessage received)
    {
        long? answers = null;
        var isEnd = false;
        try
        {
            GatewayMeter.Received.Add(received.Length);
            var message = Decode(received);
            GatewayMeter.Count(message);
            answers = FindRef(message);
            isEnd = session is null && message is HelloMessage;
            if (session is not null)
                await session.HandleAsync(message);
            else if (message is HelloMessage hello)
            {
                session = await AcceptAsync(hello);
            }
            else
                throw new SyncException(ErrorCode.Malformed, "Hello comes first", "t");
        }
        catch (Exception fault)
        {
            await connection.FailAsync(fault, answers, isEnd);
        }
    }

    private Task<DeviceSession> AcceptAsync(HelloMessage hello)
    {
        // It came in time, however long it takes the server to look the device up.
        connection.ExpectNothing();
        return Handshake.AcceptAsync(connection, fromHeader, hello, services, stranger);
    }

    private static ClientMessage Decode(ReceivedMessage received) =>
        received.Reading switch
        {
            Reading.Text => WireCodec.ReadClientMessage(received.Utf8),
            Reading.TooLarge => throw Refusals.FrameTooLarge(),
            _ => throw new SyncException(ErrorCode.Malformed, "Messages are text, not binary"),
        };

    private static long? FindRef(ClientMessage message) =>
        message switch
        {
            PushMessage push => push.Ref,
            PullMessage pull => pull.Ref,
            VerifyMessage verify => verify.Ref,
            PingMessage ping => ping.Ref,
            _ => null,
        };

    private Task MissHelloAsync() =>
        connection.FailAsync(
            new SyncException(
                ErrorCode.Malformed,
                $"No hello within {HelloWithin.TotalSeconds} seconds"
            ),
            isEnd: true
        );

    private async Task LeaveAsync()
    {
        if (session is null)
            return;
        await Handshake.LeaveAsync(session, services);
        await session.WhenAnswered();
        await session.Delivery.WhenAtRest();
    }
}
