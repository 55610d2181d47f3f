namespace Orchestra.Client.Outbox;

/// <summary>The server's time of day, from its welcome on.</summary>
/// <param name="clock">This machine's.</param>
/// <param name="atWelcome">What the server said.</param>
internal sealed class ServerClock(EditClock clock, DateTimeOffset atWelcome)
{
    private readonly EditTime welcomed = clock.Now();

    public DateTimeOffset Now() => atWelcome.AddMilliseconds(clock.AgeMs(welcomed));

    /// <summary>When something was made that bears the server's stamp, by this machine's clocks.</summary>
    public EditTime Made(DateTimeOffset editedAt)
    {
        var age = Math.Clamp((long)(Now() - editedAt).TotalMilliseconds, 0, Sync.Limits.MaxAgeMs);
        return clock.Ago(TimeSpan.FromMilliseconds(age));
    }
}
