namespace Orchestra.TestKit.Contents;

/// <summary>
/// Bytes as they come over a network: in pieces, forwards only, of a length that nobody knows. The last
/// piece is held until it is released.
/// </summary>
public sealed class HeldStream(byte[] bytes) : Stream
{
    private const int PieceBytes = 50_000;

    private readonly TaskCompletionSource reached = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private readonly TaskCompletionSource released = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private int position;

    /// <summary>Whoever reads has all but the last piece.</summary>
    public Task Reached => reached.Task;

    public void Release() => released.TrySetResult();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        if (bytes.Length - position <= PieceBytes)
        {
            reached.TrySetResult();
            await released.Task.WaitAsync(cancellationToken);
        }
        var count = Math.Min(Math.Min(buffer.Length, PieceBytes), bytes.Length - position);
        bytes.AsMemory(position, count).CopyTo(buffer);
        position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException();

    public override void Flush() { }
}
