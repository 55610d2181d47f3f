using System.Globalization;

namespace Orchestra.Client.Outbox;

/// <summary>When an edit was made, on two clocks.</summary>
/// <param name="WallMs">The machine's clock, milliseconds since 1970; it may be set.</param>
/// <param name="Run">Which run of the program <paramref name="Tick"/> belongs to.</param>
/// <param name="Tick">A clock that only goes forward, but starts anew with each run.</param>
internal sealed record EditTime(long WallMs, string Run, long Tick);

/// <summary>
/// Tells how long ago an edit was made: exactly within one run of the program, whatever is done to
/// the machine's clock; by that clock across runs, and then never less than nothing.
/// </summary>
/// <param name="time">The machine's clocks.</param>
/// <param name="runId">Of this run of the program.</param>
internal sealed class EditClock(TimeProvider time, Guid runId)
{
    private readonly string run = runId.ToString("N", CultureInfo.InvariantCulture);

    public EditTime Now() =>
        new(time.GetUtcNow().ToUnixTimeMilliseconds(), run, time.GetTimestamp());

    public long AgeMs(EditTime made)
    {
        var age =
            made.Run == run
                ? (long)time.GetElapsedTime(made.Tick).TotalMilliseconds
                : time.GetUtcNow().ToUnixTimeMilliseconds() - made.WallMs;
        return Math.Clamp(age, 0, Sync.Limits.MaxAgeMs);
    }
}
