using Microsoft.AspNetCore.Http;
using Orchestra.Gateway.Errors;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Http;

/// <summary>Whole bodies in and out, no larger than a WebSocket message.</summary>
internal static class Body
{
    /// <exception cref="Sync.Errors.SyncException"><c>frame_too_large</c></exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request)
    {
        if (request.ContentLength > Limits.FrameBytes)
            throw Refusals.FrameTooLarge();
        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(request.HttpContext.RequestAborted);
            if (read.Buffer.Length > Limits.FrameBytes)
                throw Refusals.FrameTooLarge();
            if (read.IsCompleted)
                return System.Buffers.BuffersExtensions.ToArray(read.Buffer);
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    public static Task WriteAsync(HttpContext context, ServerMessage message) =>
        WriteAsync(context, WireCodec.Write(message));

    public static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> json)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }
}
