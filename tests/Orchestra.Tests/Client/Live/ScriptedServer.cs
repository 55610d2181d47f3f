using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Tests.Client.Live;

/// <summary>
/// A server that says what a test tells it to, for what the real one cannot be brought to say. Each
/// connection takes the next script.
/// </summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly Queue<Func<ScriptedConnection, Task>> scripts;
    private readonly WebApplication host;

    private ScriptedServer(IEnumerable<Func<ScriptedConnection, Task>> scripts)
    {
        this.scripts = new(scripts);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        host = builder.Build();
        host.Urls.Add("http://127.0.0.1:0");
        host.UseWebSockets();
        host.Map("/v1/sync", ServeAsync);
    }

    public static async Task<ScriptedServer> StartAsync(
        params IEnumerable<Func<ScriptedConnection, Task>> scripts
    )
    {
        var server = new ScriptedServer(scripts);
        await server.host.StartAsync();
        return server;
    }

    public ClientOptions OptionsFor(string database) =>
        new()
        {
            Database = database,
            Server = new Uri(host.Urls.Single()),
            FirstRetry = TimeSpan.FromMilliseconds(10),
            Token = (_, _) => Task.FromResult("token"),
        };

    public ValueTask DisposeAsync() => host.DisposeAsync();

    private async Task ServeAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync("orchestra.sync.v1");
        await scripts.Dequeue()(new ScriptedConnection(socket));
    }
}

/// <summary>The server's end of one connection.</summary>
internal sealed class ScriptedConnection(WebSocket socket)
{
    /// <summary>Hears hello and welcomes the device into an owner's history at a version.</summary>
    public async Task<HelloMessage> WelcomeAsync(
        long head,
        WireCatalog catalog,
        long lastSeq = 0,
        Action? onHello = null
    )
    {
        var hello = await HearAsync<HelloMessage>();
        onHello?.Invoke();
        await SayAsync(
            new WelcomeMessage(
                1,
                Guid.NewGuid(),
                Frames.Owner,
                DateTimeOffset.UnixEpoch,
                new WireLineage(hello.Device.Id, 50, lastSeq, null),
                [new WireHead(Frames.Owner, Frames.Epoch, head)],
                new CatalogReference(catalog.Hash, catalog),
                WireLimits.Current
            )
        );
        return hello;
    }

    public Task SayAsync(ServerMessage message) =>
        socket.SendAsync(
            WireCodec.Write(message),
            WebSocketMessageType.Text,
            endOfMessage: true,
            CancellationToken.None
        );

    /// <summary>The next message, which must be of this type; acknowledgements are passed over.</summary>
    public async Task<T> HearAsync<T>()
        where T : ClientMessage
    {
        var buffer = new byte[Limits.FrameBytes];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer, CancellationToken.None);
            if (part.MessageType == WebSocketMessageType.Close)
                throw new InvalidOperationException($"Closed instead of {typeof(T).Name}");
            var message = WireCodec.ReadClientMessage(buffer.AsSpan(0, part.Count));
            if (message is T expected)
                return expected;
            if (message is not AckMessage)
                throw new InvalidOperationException($"{message} instead of {typeof(T).Name}");
        }
    }

    /// <summary>Waits until the device has gone.</summary>
    public async Task UntilClosedAsync()
    {
        var buffer = new byte[1024];
        while (
            (await socket.ReceiveAsync(buffer, CancellationToken.None)).MessageType
            != WebSocketMessageType.Close
        ) { }
    }
}
