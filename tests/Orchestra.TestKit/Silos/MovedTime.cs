namespace Orchestra.TestKit.Silos;

/// <summary>A clock that runs as the machine's does, but stands elsewhere.</summary>
public sealed class MovedTime(DateTimeOffset start) : TimeProvider
{
    private long offset = (start - System.GetUtcNow()).Ticks;

    public void MoveTo(DateTimeOffset now) =>
        Interlocked.Exchange(ref offset, (now - System.GetUtcNow()).Ticks);

    public override DateTimeOffset GetUtcNow() =>
        System.GetUtcNow().AddTicks(Interlocked.Read(ref offset));
}
