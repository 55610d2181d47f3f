using System.CommandLine;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Orchestra.Benchmarks.Workloads.Bare;

/// <summary>A bare Kestrel that sends back what comes over a WebSocket: the least a gateway can be.</summary>
internal static class EchoCommand
{
    public const string Name = "echo";

    private static readonly Argument<string> Url = new("url");

    public static Command Create()
    {
        var command = new Command(Name, "What workloads compares WebSockets with")
        {
            Hidden = true,
            Arguments = { Url },
        };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetRequiredValue(Url), cancel));
        return command;
    }

    private static async Task RunAsync(string url, CancellationToken cancel)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        await using var host = builder.Build();
        host.UseWebSockets();
        host.Map("/", EchoAsync);
        await host.StartAsync(cancel);
        Console.WriteLine("listening");
        await host.WaitForShutdownAsync(cancel);
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                // Without a buffer while there is nothing to read.
                await socket.ReceiveAsync(Memory<byte>.Empty, context.RequestAborted);
                var part = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
                if (part.MessageType == WebSocketMessageType.Close)
                    return;
                await socket.SendAsync(
                    buffer.AsMemory(0, part.Count),
                    part.MessageType,
                    part.EndOfMessage,
                    context.RequestAborted
                );
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException) { }
    }
}
