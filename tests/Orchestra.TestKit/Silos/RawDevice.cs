using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.TestKit.Silos;

/// <summary>A device that has said hello, keeps count of its seqs and nothing else.</summary>
public sealed class RawDevice : IAsyncDisposable
{
    private long lastRef;

    private RawDevice(OwnerId owner, WireDevice device, RawSocket socket, WelcomeMessage welcome)
    {
        Owner = owner;
        Device = device;
        Socket = socket;
        Welcome = welcome;
        LastSeq = welcome.Device.LastSeq;
    }

    public OwnerId Owner { get; }

    public WireDevice Device { get; }

    public RawSocket Socket { get; }

    public WelcomeMessage Welcome { get; }

    public long Epoch => Welcome.Heads[0].Epoch;

    /// <summary>The last seq that was sent.</summary>
    public long LastSeq { get; set; }

    /// <summary>Up to which seq it needs no verdict any more.</summary>
    public long Settled { get; set; }

    public static WireDevice NewDevice(DeviceKind kind = DeviceKind.Desktop) =>
        new(new DeviceId(Guid.NewGuid()), kind, $"a device, {Canary.Word}", "tests/1");

    /// <param name="silo">Where.</param>
    /// <param name="owner">Whose.</param>
    /// <param name="device">Null = one that nobody has met.</param>
    /// <param name="cursor">Null = first contact.</param>
    /// <param name="entities">Null = all.</param>
    /// <param name="token">Null = a development token.</param>
    public static async Task<RawDevice> ConnectAsync(
        IServerUnderTest silo,
        OwnerId owner,
        WireDevice? device = null,
        WireCursor? cursor = null,
        IReadOnlyList<string>? entities = null,
        string? token = null
    )
    {
        token ??= await silo.TokenAsync(owner);
        return await ConnectAsync(silo.Gateway, token, owner, device, cursor, entities);
    }

    /// <param name="gateway">Where, of whatever silo.</param>
    /// <param name="token">The owner's.</param>
    /// <param name="owner">Whose.</param>
    /// <param name="device">Null = one that nobody has met.</param>
    /// <param name="cursor">Null = first contact.</param>
    /// <param name="entities">Null = all.</param>
    public static async Task<RawDevice> ConnectAsync(
        Uri gateway,
        string token,
        OwnerId owner,
        WireDevice? device = null,
        WireCursor? cursor = null,
        IReadOnlyList<string>? entities = null
    )
    {
        device ??= NewDevice();
        var socket = await RawSocket.OpenAsync(gateway, token);
        await socket.SendAsync(
            new HelloMessage(1, device, cursor is null ? [] : [cursor], Entities: entities)
        );
        var welcome = await socket.ExpectAsync<WelcomeMessage>();
        return new RawDevice(owner, device, socket, welcome);
    }

    /// <summary>Numbers the changes and sends them.</summary>
    public async Task<PushMessage> SendAsync(params WireChange[] changes)
    {
        var push = new PushMessage(
            Owner,
            Epoch,
            Settled,
            [.. changes.Select(change => change with { Seq = ++LastSeq })],
            ++lastRef
        );
        await Socket.SendAsync(push);
        return push;
    }

    /// <summary>Numbers the changes, sends them and waits for the verdicts.</summary>
    public async Task<IReadOnlyList<WireVerdict>> PushAsync(params WireChange[] changes)
    {
        var push = await SendAsync(changes);
        return (await Socket.ExpectAsync<PushedMessage>(p => p.Ref == push.Ref)).Results;
    }

    /// <summary>Asks for what comes after a version; the frame that answers.</summary>
    public async Task<ChangesMessage> PullAsync(
        long since,
        ChangeId? mark = null,
        long? floor = null,
        IReadOnlyList<string>? entities = null
    )
    {
        var answers = ++lastRef;
        await Socket.SendAsync(
            new PullMessage(Owner, Epoch, since, answers, mark, floor, entities)
        );
        return await Socket.ExpectAsync<ChangesMessage>(frame => frame.Ref == answers);
    }

    public Task AckAsync(long version) => Socket.SendAsync(new AckMessage(Owner, Epoch, version));

    /// <summary>Reads changes until they reach a version, and acknowledges each frame.</summary>
    /// <param name="version">How far.</param>
    /// <param name="within">How long each frame may take; null = a moment.</param>
    public async Task<IReadOnlyList<ChangesMessage>> ReadUntilAsync(
        long version,
        TimeSpan? within = null
    )
    {
        var frames = new List<ChangesMessage>();
        do
        {
            frames.Add(await Socket.ExpectAsync<ChangesMessage>(null, within));
            await AckAsync(frames[^1].To);
        } while (frames[^1].To < version);
        return frames;
    }

    public ValueTask DisposeAsync() => Socket.DisposeAsync();
}
