using System.Text;
using CsCheck;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Tests.Wire;

/// <summary>Random values as an app might write them, awkward ones among them.</summary>
internal static class WireGen
{
    private static readonly Gen<string> Rune = Gen.Frequency(
        (5, Gen.Char['a', 'z'].Select(c => c.ToString())),
        (2, Gen.OneOf("\"", "\\", "/", "\0", "\n", "\u001f", "\u2028", "é", "🚀", "\ufeff")),
        (
            1,
            Gen.Int[0, 0x10ffff].Where(System.Text.Rune.IsValid).Select(i => new Rune(i).ToString())
        )
    );

    public static readonly Gen<string> Text = Rune.Array[0, 12].Select(string.Concat);

    /// <summary>Reals that no integer equals: <c>2.0</c> is written, and so read, as <c>2</c>.</summary>
    private static readonly Gen<double> Fraction = Gen.OneOf(
            Gen.Double[-1e9, 1e9],
            Gen.OneOf(0.1, -1.5, 5e-324, double.MaxValue, double.MinValue, 1e22)
        )
        .Where(real => real != Math.Floor(real) || Math.Abs(real) > 1e20);

    private static readonly Gen<long> Whole = Gen.OneOf(
        Gen.Long,
        Gen.OneOf(0L, -1L, long.MaxValue, long.MinValue, Limits.MaxInteger)
    );

    private static readonly Gen<FieldValue> Scalar = Gen.OneOf(
        Gen.Const(FieldValue.Null),
        Text.Select(FieldValue.Text),
        Whole.Select(FieldValue.Integer),
        Fraction.Select(FieldValue.Real),
        Gen.Bool.Select(FieldValue.Boolean)
    );

    public static readonly Gen<FieldValue> Value = Gen.OneOf(
        Scalar,
        Json(4).Select(text => FieldValue.Json(WireCodec.Compact(text)))
    );

    public static readonly Gen<Dictionary<string, FieldValue>> Fields = Gen.Dictionary(Text, Value)[
        0,
        5
    ];

    private static readonly Gen<DeviceId> Device = Gen.Guid.Select(id => new DeviceId(id));

    private static readonly Gen<long> Counter = Gen.Long[0, Limits.MaxInteger];

    private static readonly Gen<WireDeviceSeq> Pair = Gen.Select(
        Device,
        Counter,
        (device, seq) => new WireDeviceSeq(device, seq)
    );

    public static readonly Gen<WireChange> Change =
        from seq in Counter
        from id in Gen.Guid
        from op in Gen.Enum<ChangeOp>()
        from names in Gen.Select(Gen.Null(Text), Gen.Null(Text))
        from counters in Gen.Select(Counter, Counter)
        from tx in Gen.Nullable(Counter)
        from fields in Gen.Null(Fields)
        from first in Gen.Null(Pair.List[0, 3])
        select new WireChange(
            seq,
            new ChangeId(id),
            op,
            names.Item1,
            names.Item2,
            counters.Item1,
            counters.Item2,
            tx,
            fields,
            first
        );

    public static readonly Gen<WireEntry> Entry =
        from version in Counter
        from ids in Gen.Select(Gen.Guid, Device)
        from entity in Text
        from op in Gen.Enum<WireOp>()
        from micros in Gen.Long[0, 4_000_000_000_000_000]
        from fields in Fields
        from own in Gen.Nullable(Gen.Select(Counter, Gen.Guid))
        select new WireEntry(
            version,
            entity,
            ids.Item1,
            op,
            ids.Item2,
            DateTimeOffset.UnixEpoch.AddMicroseconds(micros),
            fields,
            own?.Item1,
            own is null ? null : new ChangeId(own.Value.Item2)
        );

    /// <summary>The canonical text of an object or a list.</summary>
    private static Gen<string> Json(int depth)
    {
        var scalar = Scalar.Select(WireCodec.WriteValue);
        var item = depth == 1 ? scalar : Gen.Frequency((3, scalar), (1, Json(depth - 1)));
        return Gen.OneOf(
            item.Array[0, 4].Select(items => $"[{string.Join(',', items)}]"),
            Gen.Dictionary(Text, item)[0, 4]
                .Select(members => $"{{{string.Join(',', members.Select(Member))}}}")
        );
    }

    private static string Member(KeyValuePair<string, string> member) =>
        $"{WireCodec.WriteValue(FieldValue.Text(member.Key))}:{member.Value}";
}
