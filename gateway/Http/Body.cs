using System.Buffers;
using System.IO.Pipelines;
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
        var read = await ReadAsync(request.BodyReader);
        try
        {
            return read.Buffer.Length <= Limits.FrameBytes
                ? read.Buffer.ToArray()
                : throw Refusals.FrameTooLarge();
        }
        finally
        {
            // The server reads on behind us when the request ends, and can only where we let go.
            request.BodyReader.AdvanceTo(read.Buffer.End);
        }
    }

    /// <summary>
    /// Not cancelled when the client goes: the read ends by itself then, and one that is given up
    /// leaves the server with a reader in use.
    /// </summary>
    private static async Task<ReadResult> ReadAsync(PipeReader body)
    {
        try
        {
            return await body.ReadAtLeastAsync(Limits.FrameBytes + 1);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Its chunks are none, it comes too slowly, or nobody is there any more.
            throw e as BadHttpRequestException ?? new BadHttpRequestException("Unreadable", e);
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
