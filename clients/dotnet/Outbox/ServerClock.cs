namespace Orchestra.Client.Outbox;

/// <summary>The server's time of day, from its welcome on.</summary>
/// <param name="clock">This machine's.</param>
/// <param name="asked">
/// When hello was sent. Counted from there and not from the answer, the way of hello makes a row as
/// much older as the way of the push makes it younger.
/// </param>
/// <param name="atWelcome">What the server said.</param>
internal sealed class ServerClock(EditClock clock, EditTime asked, DateTimeOffset atWelcome)
{
    public DateTimeOffset Now() => atWelcome.AddMilliseconds(clock.AgeMs(asked));

    /// <summary>When something was made that bears the server's stamp, by this machine's clocks.</summary>
    public EditTime Made(DateTimeOffset editedAt)
    {
        var age = Math.Clamp((long)(Now() - editedAt).TotalMilliseconds, 0, Sync.Limits.MaxAgeMs);
        return clock.Ago(TimeSpan.FromMilliseconds(age));
    }
}
