namespace Orchestra.TestKit.Contents;

/// <summary>A connection that breaks after some bytes, which is the sender's trouble.</summary>
internal sealed class BreakingStream(byte[] bytes) : MemoryStream(bytes)
{
    public const string Message = "The sender went away";

    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken = default
    ) =>
        await base.ReadAsync(buffer, cancellationToken) is var count and > 0
            ? count
            : throw new Gone();

    /// <summary>As the gateway's are, none of those that a file system throws itself.</summary>
    private sealed class Gone() : IOException(BreakingStream.Message);
}
