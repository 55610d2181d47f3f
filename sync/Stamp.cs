using Orleans;

namespace Orchestra.Sync;

/// <summary>
/// What decides between two writes that did not know of each other: the greater stamp wins.
/// Ordered by <see cref="EditedAt"/>, then <see cref="Priority"/>, <see cref="Device"/>,
/// <see cref="Seq"/>; total, because no device uses a seq twice.
/// </summary>
/// <param name="EditedAt">UTC, in whole microseconds.</param>
/// <param name="Priority">The device's priority when the server accepted the change.</param>
/// <param name="Device">Who wrote.</param>
/// <param name="Seq">The device's own number of the change; 0 for the server's writes.</param>
[GenerateSerializer, Immutable]
public readonly record struct Stamp(
    [property: Id(0)] DateTimeOffset EditedAt,
    [property: Id(1)] int Priority,
    [property: Id(2)] DeviceId Device,
    [property: Id(3)] long Seq
) : IComparable<Stamp>
{
    /// <summary>By how much a stamp is raised above the newest one its change knew of.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromMicroseconds(1);

    public int CompareTo(Stamp other)
    {
        var order = EditedAt.CompareTo(other.EditedAt);
        if (order == 0)
            order = Priority.CompareTo(other.Priority);
        if (order == 0)
            order = Device.CompareTo(other.Device);
        return order == 0 ? Seq.CompareTo(other.Seq) : order;
    }

    /// <summary>This stamp, or the earliest one later than <paramref name="known"/>.</summary>
    public Stamp RaisedAbove(DateTimeOffset known) =>
        EditedAt > known ? this : this with { EditedAt = known + Step };

    public static bool operator <(Stamp left, Stamp right) => left.CompareTo(right) < 0;

    public static bool operator <=(Stamp left, Stamp right) => left.CompareTo(right) <= 0;

    public static bool operator >(Stamp left, Stamp right) => left.CompareTo(right) > 0;

    public static bool operator >=(Stamp left, Stamp right) => left.CompareTo(right) >= 0;

    public static Stamp Max(Stamp left, Stamp right) => left >= right ? left : right;
}
