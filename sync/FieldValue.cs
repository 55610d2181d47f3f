using Orleans;

namespace Orchestra.Sync;

/// <summary>What a value is, before an entity type says what it should be.</summary>
public enum FieldValueKind : byte
{
    Null,
    Text,
    Integer,
    Real,
    Boolean,

    /// <summary>An object or array, kept as the JSON text that was sent.</summary>
    Json,
}

/// <summary>The value of one field: exactly one of JSON's kinds, integers told from reals.</summary>
[GenerateSerializer, Immutable]
public readonly record struct FieldValue
{
    [Id(0)]
    private readonly string? text;

    [Id(1)]
    private readonly long bits;

    [Id(2)]
    private readonly FieldValueKind kind;

    private FieldValue(FieldValueKind kind, string? text, long bits)
    {
        this.kind = kind;
        this.text = text;
        this.bits = bits;
    }

    public static readonly FieldValue Null;

    public FieldValueKind Kind => kind;

    public bool IsNull => kind == FieldValueKind.Null;

    public static FieldValue Text(string value) => new(FieldValueKind.Text, value, 0);

    public static FieldValue Integer(long value) => new(FieldValueKind.Integer, null, value);

    public static FieldValue Real(double value) =>
        new(FieldValueKind.Real, null, BitConverter.DoubleToInt64Bits(value));

    public static FieldValue Boolean(bool value) =>
        new(FieldValueKind.Boolean, null, value ? 1 : 0);

    /// <param name="json">Well-formed JSON text.</param>
    public static FieldValue Json(string json) => new(FieldValueKind.Json, json, 0);

    /// <summary>The text of a <see cref="FieldValueKind.Text"/> or <c>Json</c> value.</summary>
    public string AsText() =>
        text ?? throw new InvalidOperationException($"A value of kind {kind} has no text");

    public long AsInteger() => Bits(FieldValueKind.Integer);

    public double AsReal() => BitConverter.Int64BitsToDouble(Bits(FieldValueKind.Real));

    public bool AsBoolean() => Bits(FieldValueKind.Boolean) != 0;

    private long Bits(FieldValueKind expected) =>
        kind == expected
            ? bits
            : throw new InvalidOperationException($"A value of kind {kind} is no {expected}");

    public override string ToString() =>
        kind switch
        {
            FieldValueKind.Null => "null",
            FieldValueKind.Integer => AsInteger().ToString(null, null),
            FieldValueKind.Real => AsReal().ToString("R", null),
            FieldValueKind.Boolean => AsBoolean() ? "true" : "false",
            _ => AsText(),
        };
}
