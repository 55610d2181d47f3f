using System.Text.Json;
using Orchestra.Gateway.Authentication;
using Orchestra.Gateway.Errors;
using Orchestra.Gateway.Feeds;
using Orchestra.Gateway.Requests;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Sockets;

/// <summary>A device that has said hello, until its socket ends.</summary>
internal sealed class DeviceSession
{
    private readonly SocketServices services;
    private readonly Connection connection;
    private readonly OwnerFeed feed;
    private readonly AnswerQueue answers;
    private Caller caller;
    private JsonElement? state;

    public DeviceSession(
        SocketServices services,
        Connection connection,
        OwnerFeed feed,
        Caller caller,
        WireDevice device
    )
    {
        this.services = services;
        this.connection = connection;
        this.feed = feed;
        this.caller = caller;
        Device = device;
        answers = new AnswerQueue(connection);
        Delivery = new Delivery(services, connection, feed, device.Id);
    }

    public WireDevice Device { get; }

    public OwnerFeed Feed => feed;

    /// <summary>Its place among the user's connections, to be given back.</summary>
    public IDisposable? Place { get; set; }

    public Delivery Delivery { get; }

    /// <summary>Begins to stream, to a device that has this catalog.</summary>
    public void Start(Cursor cursor, IReadOnlyList<string>? entities, string catalog)
    {
        ExpectExpiry();
        Delivery.Start(cursor, entities, catalog);
        feed.AnnouncePresence();
    }

    public async Task HandleAsync(ClientMessage message)
    {
        switch (message)
        {
            case PushMessage push:
                answers.Add(push.Ref, earlier => PushAsync(push, earlier));
                break;
            case AckMessage ack:
                Acknowledge(ack);
                break;
            case PullMessage pull:
                await PullAsync(pull);
                break;
            case VerifyMessage verify:
                answers.Add(verify.Ref, _ => VerifyAsync(verify));
                break;
            case TokenMessage token:
                await RenewAsync(token);
                break;
            case PresenceMessage presence:
                services.Rates?.Require(caller.Owner);
                state = PresenceState.Require(presence.State);
                feed.AnnouncePresence();
                break;
            case PingMessage ping:
                await connection.SendAsync(new PongMessage(ping.Ref));
                break;
            default:
                throw new SyncException(ErrorCode.Malformed, "Hello was said already", "t");
        }
    }

    public WirePresence ToPresence() => new(Device.Id, Device.Kind, Device.Name, state);

    /// <summary>Another socket of the same device has taken over.</summary>
    public Task ReplaceAsync() =>
        connection.FailAsync(
            new SyncException(ErrorCode.DeviceReplaced, "The device has connected again")
        );

    /// <summary>It takes in nothing, so that the socket serves nobody; the device may come again.</summary>
    public void EndIfStalledFor(TimeSpan span)
    {
        if (Delivery.IsStalledFor(span))
            _ = connection.FailAsync(Refusals.SlowConsumer());
    }

    /// <summary>The device has no business here any more.</summary>
    public Task BarAsync() => connection.FailAsync(Refusals.DeviceRevoked());

    /// <summary>Completes when everything asked so far has its answer.</summary>
    public Task WhenAnswered() => answers.WhenAnswered();

    private async Task<ServerMessage> PushAsync(PushMessage push, Task earlier)
    {
        services.Rates?.Require(caller.Owner);
        var isBehindAnother = !earlier.IsCompleted;
        try
        {
            return await services.Requests.PushAsync(caller, Device.Id, push);
        }
        catch (SyncException gap) when (gap.Code == ErrorCode.SequenceGap && isBehindAnother)
        {
            // Calls can overtake each other on their way to the grain. Once the one before is
            // answered, a gap is a gap.
            await earlier;
            return await services.Requests.PushAsync(caller, Device.Id, push);
        }
    }

    private async Task<ServerMessage> VerifyAsync(VerifyMessage verify)
    {
        services.Rates?.Require(caller.Owner);
        return await services.Requests.VerifyAsync(caller, verify);
    }

    private void Acknowledge(AckMessage ack)
    {
        caller.RequireOwner(ack.Owner);
        ToDomain.RequireCounter(ack.Epoch, "epoch");
        ToDomain.RequireCounter(ack.Version, "version");
        Delivery.Acknowledge(ack.Epoch, ack.Version);
        if (GatewayMeter.DeviceLag.Enabled)
            GatewayMeter.DeviceLag.Record(feed.LagOf(ack.Epoch, ack.Version));
        services.Acks.Note(ack.Owner, Device.Id, ack.Epoch, ack.Version);
    }

    private async Task PullAsync(PullMessage pull)
    {
        services.Rates?.Require(caller.Owner);
        caller.RequireOwner(pull.Owner);
        var cursor = ToDomain.ToCursor(pull.Epoch, pull.Since, pull.Mark, pull.Floor, "since");
        var entities = await services.Requests.RequireEntitiesAsync(pull.Entities);
        Delivery.Reposition(cursor, entities, pull.Ref);
    }

    private async Task RenewAsync(TokenMessage message)
    {
        var renewed = await services.Tokens.ReadAsync(message.Token);
        renewed.RequireOwner(caller.Owner);
        caller = renewed;
        ExpectExpiry();
    }

    private void ExpectExpiry() =>
        connection.Expect(caller.ExpiresAt - services.Time.GetUtcNow(), () => _ = ExpireAsync());

    private async Task ExpireAsync()
    {
        // A deadline further away than timers reach is looked at again on the way.
        if (caller.ExpiresAt > services.Time.GetUtcNow())
            ExpectExpiry();
        else
            await connection.FailAsync(
                new SyncException(ErrorCode.TokenExpired, "The access token has expired")
            );
    }
}
