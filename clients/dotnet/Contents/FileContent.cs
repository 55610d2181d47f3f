using System.Net;

namespace Orchestra.Client.Contents;

/// <summary>A file from some place on as a request's body; tells how far it is.</summary>
/// <param name="file">Stays open.</param>
/// <param name="offset">Where to begin.</param>
/// <param name="onSent">Given the place that it has come to.</param>
internal sealed class FileContent(FileStream file, long offset, Action<long> onSent) : HttpContent
{
    private const int BufferBytes = 64 * 1024;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream,
        TransportContext? context,
        CancellationToken cancellationToken
    )
    {
        file.Position = offset;
        var buffer = new byte[BufferBytes];
        while (await file.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            onSent(file.Position);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = file.Length - offset;
        return true;
    }
}
