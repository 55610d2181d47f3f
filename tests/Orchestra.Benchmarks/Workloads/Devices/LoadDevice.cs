using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Benchmarks.Workloads.Devices;

/// <summary>
/// A connected device that sends what was written beforehand and looks at no more of what comes back
/// than it must, so that the load is cheap beside what is measured. It acknowledges every frame.
/// </summary>
internal sealed class LoadDevice : IDisposable
{
    /// <summary>Of a frame's head, before its changes.</summary>
    private const int HeadBytes = 256;

    private readonly ClientWebSocket socket;
    private readonly byte[] received;
    private readonly byte[] head = new byte[HeadBytes];
    private readonly SemaphoreSlim verdicts = new(0);
    private readonly SemaphoreSlim frames = new(0);
    private readonly SemaphoreSlim sending = new(1, 1);
    private Task reading = Task.CompletedTask;
    private volatile Exception? fault;
    private volatile bool isGone;

    private LoadDevice(ClientWebSocket socket, OwnerId owner, int buffer)
    {
        (this.socket, Owner) = (socket, owner);
        received = new byte[buffer];
    }

    public OwnerId Owner { get; }

    public long Epoch { get; private set; }

    /// <summary>The owner's version when it connected.</summary>
    public long Head { get; private set; }

    /// <summary>The version up to which it has seen the history.</summary>
    public long Version { get; private set; }

    /// <param name="gateway">Where.</param>
    /// <param name="token">The owner's.</param>
    /// <param name="owner">Whose.</param>
    /// <param name="cursor">How far it is; null = first contact.</param>
    /// <param name="buffer">Bytes read at once.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<LoadDevice> ConnectAsync(
        Uri gateway,
        string token,
        OwnerId owner,
        WireCursor? cursor,
        int buffer,
        CancellationToken cancel
    )
    {
        var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        socket.Options.AddSubProtocol(RawSocket.Subprotocol);
        socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        var address = new UriBuilder(gateway) { Scheme = "ws", Path = "/v1/sync" };
        await socket.ConnectAsync(address.Uri, cancel);
        var device = new LoadDevice(socket, owner, buffer);
        await device.SendAsync(
            WireCodec.Write(
                new HelloMessage(1, RawDevice.NewDevice(), cursor is null ? [] : [cursor])
            ),
            cancel
        );
        device.Welcome(await device.ReceiveWholeAsync(cancel));
        device.reading = device.ReadAsync();
        return device;
    }

    /// <summary>Sends a push and waits until it was answered.</summary>
    public async Task PushAsync(ReadOnlyMemory<byte> push, CancellationToken cancel)
    {
        await SendAsync(push, cancel);
        await verdicts.WaitAsync(cancel);
        if (fault is not null)
            await reading;
    }

    /// <summary>Waits until the device has seen the history up to a version.</summary>
    public async Task ReachAsync(long version, CancellationToken cancel)
    {
        while (Version < version && fault is null)
            await frames.WaitAsync(cancel);
        if (fault is not null)
            await reading;
    }

    private async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        await sending.WaitAsync(cancel);
        try
        {
            await socket.SendAsync(message, WebSocketMessageType.Text, true, cancel);
        }
        finally
        {
            sending.Release();
        }
    }

    /// <summary>Goes without a word, as a device does that loses its network.</summary>
    public void Dispose()
    {
        isGone = true;
        socket.Abort();
        socket.Dispose();
    }

    /// <summary>Always, so that the server's pings are answered and its frames acknowledged.</summary>
    private async Task ReadAsync()
    {
        try
        {
            while (true)
                await TakeAsync(await ReceiveHeadAsync());
        }
        catch (Exception) when (isGone) { }
        catch (Exception e)
        {
            fault = e;
            throw;
        }
        finally
        {
            // Whoever waits hears of it.
            verdicts.Release();
            frames.Release();
        }
    }

    /// <summary>Reads a message to its end.</summary>
    /// <returns>How many bytes of its beginning were kept.</returns>
    private async ValueTask<int> ReceiveHeadAsync()
    {
        var count = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(received.AsMemory(), CancellationToken.None);
            if (part.MessageType == WebSocketMessageType.Close)
                throw new InvalidOperationException($"Closed: {socket.CloseStatusDescription}");
            var kept = Math.Min(part.Count, Math.Max(0, HeadBytes - count));
            received.AsSpan(0, kept).CopyTo(head.AsSpan(Math.Min(count, HeadBytes)));
            count += part.Count;
            if (part.EndOfMessage)
                return Math.Min(count, HeadBytes);
        }
    }

    private async ValueTask TakeAsync(int count)
    {
        if (Is("pushed"u8))
        {
            verdicts.Release();
        }
        else if (Is("changes"u8))
        {
            Version = ReadTo(head.AsSpan(0, count));
            frames.Release();
            await SendAsync(
                WireCodec.Write(new AckMessage(Owner, Epoch, Version)),
                CancellationToken.None
            );
        }
        else if (Is("error"u8))
        {
            throw new InvalidOperationException(Encoding.UTF8.GetString(head.AsSpan(0, count)));
        }
    }

    private bool Is(ReadOnlySpan<byte> type) =>
        head.AsSpan().StartsWith("{\"t\":\""u8) && head.AsSpan(6).StartsWith(type);

    private static long ReadTo(ReadOnlySpan<byte> start)
    {
        var reader = new Utf8JsonReader(start, isFinalBlock: false, default);
        while (reader.Read())
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("to"u8))
            {
                reader.Read();
                return reader.GetInt64();
            }
        throw new InvalidOperationException("A frame has no end");
    }

    private void Welcome(ReadOnlySpan<byte> message)
    {
        var welcome = WireCodec.ReadServerMessage(message) switch
        {
            WelcomeMessage answer => answer,
            var other => throw new InvalidOperationException($"{other} instead of welcome"),
        };
        (Epoch, Head) = (welcome.Heads[0].Epoch, welcome.Heads[0].Version);
    }

    private async Task<byte[]> ReceiveWholeAsync(CancellationToken cancel)
    {
        using var whole = new MemoryStream();
        while (true)
        {
            var part = await socket.ReceiveAsync(received.AsMemory(), cancel);
            whole.Write(received, 0, part.Count);
            if (part.EndOfMessage)
                return whole.ToArray();
        }
    }
}
