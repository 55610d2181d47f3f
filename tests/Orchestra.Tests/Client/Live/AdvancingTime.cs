namespace Orchestra.Tests.Client.Live;

/// <summary>Real time, of which a test can let some pass at once.</summary>
internal sealed class AdvancingTime : TimeProvider
{
    private TimeSpan ahead;

    public void Advance(TimeSpan by) => ahead += by;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;

    public override long GetTimestamp() =>
        base.GetTimestamp() + (long)(ahead.TotalSeconds * TimestampFrequency);
}
