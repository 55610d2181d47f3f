using System.Net.WebSockets;
using System.Text.Json;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Benchmarks.PushPath;

/// <summary>
/// A device that pushes what it has prepared, one push after the other, and takes in what comes back.
/// It allocates next to nothing meanwhile, so that what the process allocates is the server's.
/// </summary>
internal sealed class PushingDevice : IDisposable
{
    private readonly ClientWebSocket socket;
    private readonly OwnerId owner;
    private readonly byte[] received = new byte[2 * Limits.FrameBytes];
    private readonly Queue<Prepared> prepared = [];
    private long epoch;
    private long version;
    private long seq;

    private PushingDevice(ClientWebSocket socket, OwnerId owner) =>
        (this.socket, this.owner) = (socket, owner);

    public static async Task<PushingDevice> ConnectAsync(RunningSilo silo, CancellationToken cancel)
    {
        var owner = new OwnerId(Guid.NewGuid());
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(RawSocket.Subprotocol);
        socket.Options.SetRequestHeader("Authorization", $"Bearer {await silo.TokenAsync(owner)}");
        var address = new UriBuilder(silo.Gateway) { Scheme = "ws", Path = "/v1/sync" };
        await socket.ConnectAsync(address.Uri, cancel);
        var device = new PushingDevice(socket, owner);
        await device.SendAsync(
            WireCodec.Write(new HelloMessage(1, RawDevice.NewDevice(), [])),
            cancel
        );
        var welcome = (WelcomeMessage)
            WireCodec.ReadServerMessage((await device.ReceiveAsync(cancel)).Span);
        (device.epoch, device.version) = (welcome.Heads[0].Epoch, welcome.Heads[0].Version);
        return device;
    }

    /// <summary>Writes pushes of new rows, with the acknowledgement of each.</summary>
    public void Prepare(int pushes, int changes)
    {
        for (var i = 0; i < pushes; i++)
        {
            var push = new PushMessage(
                owner,
                epoch,
                seq,
                [.. Enumerable.Range(0, changes).Select(_ => NewProject())]
            );
            version += changes;
            prepared.Enqueue(
                new(
                    WireCodec.Write((ClientMessage)push),
                    version,
                    WireCodec.Write((ClientMessage)new AckMessage(owner, epoch, version))
                )
            );
        }
    }

    /// <summary>Pushes until nothing is left or the time is over.</summary>
    /// <returns>How many.</returns>
    public async Task<int> PushAsync(CancellationToken cancel)
    {
        var count = 0;
        while (!cancel.IsCancellationRequested && prepared.TryDequeue(out var next))
        {
            await SendAsync(next.Push, CancellationToken.None);
            var isAnswered = false;
            long reached = 0;
            while (!isAnswered || reached < next.Version)
                Take(
                    (await ReceiveAsync(CancellationToken.None)).Span,
                    ref isAnswered,
                    ref reached
                );
            await SendAsync(next.Ack, CancellationToken.None);
            count++;
        }
        return count;
    }

    public void Dispose() => socket.Dispose();

    private WireChange NewProject() =>
        new(
            ++seq,
            new ChangeId(Guid.NewGuid()),
            ChangeOp.Create,
            "projects",
            Guid.NewGuid().ToString("D"),
            Fields: new() { ["name"] = FieldValue.Text("A project of medium length") }
        );

    private static void Take(ReadOnlySpan<byte> message, ref bool isAnswered, ref long reached)
    {
        if (message.StartsWith("{\"t\":\"pushed\""u8))
            isAnswered = true;
        else if (message.StartsWith("{\"t\":\"changes\""u8))
            reached = ReadTo(message);
        else if (message.StartsWith("{\"t\":\"error\""u8))
            throw new InvalidOperationException($"{WireCodec.ReadServerMessage(message)}");
    }

    private static long ReadTo(ReadOnlySpan<byte> message)
    {
        var reader = new Utf8JsonReader(message);
        while (reader.Read())
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("to"u8))
            {
                reader.Read();
                return reader.GetInt64();
            }
        throw new InvalidOperationException("A frame has no end");
    }

    private Task SendAsync(byte[] message, CancellationToken cancel) =>
        socket.SendAsync(message, WebSocketMessageType.Text, true, cancel);

    private async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancel)
    {
        var count = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(received.AsMemory(count), cancel);
            count += part.Count;
            if (part.EndOfMessage)
                return received.AsMemory(0, count);
        }
    }

    /// <param name="Push">The message.</param>
    /// <param name="Version">The head after it.</param>
    /// <param name="Ack">The device's answer to that.</param>
    private sealed record Prepared(byte[] Push, long Version, byte[] Ack);
}
