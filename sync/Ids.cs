using Orleans;

namespace Orchestra.Sync;

/// <summary>Whose data it is and whose counter numbers it. Today a user.</summary>
[GenerateSerializer, Immutable]
public readonly record struct OwnerId([property: Id(0)] Guid Value)
{
    public override string ToString() => Value.ToString("D");
}

/// <summary>One installation of a client; <see cref="Server"/> for what the server writes.</summary>
[GenerateSerializer, Immutable]
public readonly record struct DeviceId([property: Id(0)] Guid Value) : IComparable<DeviceId>
{
    /// <summary>The nil device: rows that the server itself writes.</summary>
    public static readonly DeviceId Server;

    public int CompareTo(DeviceId other) => Value.CompareTo(other.Value);

    public static bool operator <(DeviceId left, DeviceId right) => left.CompareTo(right) < 0;

    public static bool operator <=(DeviceId left, DeviceId right) => left.CompareTo(right) <= 0;

    public static bool operator >(DeviceId left, DeviceId right) => left.CompareTo(right) > 0;

    public static bool operator >=(DeviceId left, DeviceId right) => left.CompareTo(right) >= 0;

    public override string ToString() => Value.ToString("D");
}

/// <summary>A change, for ever, whatever seq it was sent under.</summary>
[GenerateSerializer, Immutable]
public readonly record struct ChangeId([property: Id(0)] Guid Value)
{
    public override string ToString() => Value.ToString("D");
}

/// <summary>A row of one owner: the entity type's name (its table) and the row's id.</summary>
[GenerateSerializer, Immutable]
public readonly record struct RowKey([property: Id(0)] string Entity, [property: Id(1)] Guid Id)
{
    public override string ToString() => $"{Entity}/{Id:D}";
}

/// <summary>A place in a device's own sequence of changes.</summary>
[GenerateSerializer, Immutable]
public readonly record struct DeviceSeq(
    [property: Id(0)] DeviceId Device,
    [property: Id(1)] long Seq
);
