using System.Globalization;

namespace Orchestra.Sync;

/// <summary>
/// The one spelling of a point in time, on the wire and in SQLite: ISO 8601, UTC, six digits of a
/// second, so that text order is time order.
/// </summary>
public static class Timestamps
{
    public const string Format = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary>Of what is written, in characters and in bytes.</summary>
    internal const int Length = 27;

    private const string MillisecondFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public static string Write(DateTimeOffset time) =>
        time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    /// <param name="time">What is written.</param>
    /// <param name="utf8">As long as <see cref="Length"/>.</param>
    internal static void Write(DateTimeOffset time, Span<byte> utf8) =>
        Invariant.Require(
            time.UtcDateTime.TryFormat(utf8, out _, Format, CultureInfo.InvariantCulture)
        );

    public static DateTimeOffset Read(string text) =>
        DateTimeOffset.ParseExact(
            text,
            Format,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal
        );

    /// <summary>
    /// A timestamp that an app stored in a field: three or six digits of a second, UTC. Other
    /// spellings of the same moment are refused, so that what is sent is what is stored.
    /// </summary>
    public static bool TryReadField(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(
            text,
            [Format, MillisecondFormat],
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out time
        );

    /// <summary>Cuts to whole milliseconds, the unit in which edits are dated.</summary>
    public static DateTimeOffset ToMilliseconds(this DateTimeOffset time) =>
        time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMillisecond));
}
