using System.Buffers;
using System.Net;
using System.Security.Cryptography;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Errors;

namespace Orchestra.Database.Contents;

/// <summary>
/// The body of a PUT that is verified while it passes: the last bytes leave only once all are right,
/// and a PUT that lacks them stores nothing.
/// </summary>
/// <param name="bytes">Where they come from.</param>
/// <param name="upload">What they must be.</param>
/// <param name="patience">Ends the PUT when the service takes in nothing.</param>
internal sealed class SentContent(Stream bytes, Upload upload, CancellationTokenSource patience)
    : HttpContent
{
    private const int BufferBytes = 128 * 1024;
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(10);

    /// <summary>After the last byte the service may have to copy them around.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Why the bytes ended before they were all and right; null = they did not.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>For empty contents, before the PUT: theirs is complete as soon as it begins.</summary>
    public async Task RequireNothingAsync(CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await ReadAsync(new byte[1], 0, hash, cancellation);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = upload.Size;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream,
        TransportContext? context,
        CancellationToken cancellationToken
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            patience.CancelAfter(Timeout.InfiniteTimeSpan);
            var left = upload.Size;
            while (await ReadAsync(buffer, left, hash, cancellationToken) is var count and > 0)
            {
                left -= count;
                patience.CancelAfter(Stall);
                await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                patience.CancelAfter(Timeout.InfiniteTimeSpan);
            }
            patience.CancelAfter(AnswerTimeout);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<int> ReadAsync(
        byte[] buffer,
        long left,
        IncrementalHash hash,
        CancellationToken cancellation
    )
    {
        try
        {
            var count = await bytes.ReadAsync(buffer, cancellation);
            if (count == 0 && left > 0)
                throw new EndOfStreamException();
            hash.AppendData(buffer, 0, count);
            if (count > left || (count == left && !await IsAtEndAsync(cancellation)))
                throw new SyncException(
                    ErrorCode.InvalidValue,
                    "There are more bytes than were announced",
                    "size"
                );
            if (count == left && ContentHash.Of(hash.GetCurrentHash()) != upload.Hash)
                throw Mismatch();
            return count;
        }
        catch (Exception e) when (Note(e))
        {
            throw;
        }
    }

    public static SyncException Mismatch() =>
        new(
            ErrorCode.HashMismatch,
            "What has come is not what it was said to be; send it again",
            "sha256"
        );

    private async Task<bool> IsAtEndAsync(CancellationToken cancellation) =>
        await bytes.ReadAsync(new byte[1], cancellation) == 0;

    /// <summary>Whoever sends this wraps what it throws.</summary>
    /// <returns>False: it goes on.</returns>
    private bool Note(Exception fault)
    {
        Fault = fault;
        return false;
    }
}
