using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Orchestra.Gateway.Errors;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Http;

/// <summary>Whole bodies in and out, no larger than a WebSocket message.</summary>
internal static class Body
{
    private const int FirstBuffer = 16 * 1024;

    /// <exception cref="Sync.Errors.SyncException"><c>frame_too_large</c></exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request)
    {
        if (request.ContentLength > Limits.FrameBytes)
            throw Refusals.FrameTooLarge();
        // It grows with what has come, not with what somebody says will.
        var buffer = new byte[FirstBuffer];
        var length = 0;
        try
        {
            while (await request.Body.ReadAsync(buffer.AsMemory(length)) is var count and > 0)
            {
                length += count;
                if (length > Limits.FrameBytes)
                    throw Refusals.FrameTooLarge();
                if (length == buffer.Length)
                    Array.Resize(ref buffer, 2 * length);
            }
        }
        catch (ConnectionResetException)
        {
            // Or the server would try to read the rest.
            request.HttpContext.Abort();
            throw;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Its chunks are none, it comes too slowly, or nobody is there any more.
            throw e as BadHttpRequestException ?? new BadHttpRequestException("Unreadable", e);
        }
        GatewayMeter.Received.Add(length);
        return buffer.AsMemory(0, length);
    }

    public static Task WriteAsync(HttpContext context, ServerMessage message) =>
        WriteAsync(context, WireCodec.Write(message));

    public static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> json)
    {
        GatewayMeter.Sent.Add(json.Length);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }
}
