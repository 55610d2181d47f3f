using System.Text;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Sync.Decisions;

/// <summary>Whether a field can hold a value, and the value in the field's one spelling.</summary>
internal static class FieldCheck
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    public static Rejection? Check(Field field, FieldValue value, out FieldValue canonical)
    {
        canonical = value;
        if (value.IsNull)
            return field.Required
                ? new(ErrorCode.RequiredField, "It cannot be null", field.Name)
                : null;
        switch (field.Type)
        {
            case FieldType.Text:
                return value.Kind == FieldValueKind.Text
                    ? CheckText(field, value.AsText())
                    : Invalid(field, "Not text");
            case FieldType.Uuid:
                return
                    value.Kind == FieldValueKind.Text
                    && CanonicalUuid.TryParse(value.AsText(), out _)
                    ? null
                    : Invalid(field, "Not a UUID in lower case with hyphens");
            case FieldType.Integer:
                return
                    value.Kind == FieldValueKind.Integer
                    && value.AsInteger() is >= -Limits.MaxInteger and <= Limits.MaxInteger
                    ? null
                    : Invalid(field, "Not a whole number within 53 bits");
            case FieldType.Real:
                if (value.Kind == FieldValueKind.Integer)
                    canonical = FieldValue.Real(value.AsInteger());
                return value.Kind is FieldValueKind.Integer or FieldValueKind.Real
                    ? null
                    : Invalid(field, "Not a number");
            case FieldType.Boolean:
                return value.Kind == FieldValueKind.Boolean
                    ? null
                    : Invalid(field, "Not a boolean");
            case FieldType.Timestamp:
                return CheckTimestamp(field, value, out canonical);
            default:
                canonical = FieldValue.Json(WireCodec.Compact(WireCodec.WriteValue(value)));
                return CheckJson(field, canonical.AsText());
        }
    }

    private static Rejection? CheckText(Field field, string text)
    {
        if (text.Contains('\0'))
            return Invalid(field, "Text cannot contain the character NUL");
        int bytes;
        try
        {
            bytes = Utf8.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            return Invalid(field, "Not valid Unicode text");
        }
        if (bytes > Limits.FieldBytes)
            return TooLarge(field, $"Longer than {Limits.FieldBytes} bytes");
        return field.MaxLength is { } max && text.Length > max && CodePoints(text) > max
            ? TooLarge(field, $"Longer than {max} characters")
            : null;
    }

    private static Rejection? CheckTimestamp(
        Field field,
        FieldValue value,
        out FieldValue canonical
    )
    {
        canonical = value;
        if (
            value.Kind != FieldValueKind.Text
            || !Timestamps.TryReadField(value.AsText(), out var time)
        )
            return Invalid(
                field,
                "Not an ISO 8601 timestamp in UTC, like 2026-01-31T12:00:00.000Z"
            );
        canonical = FieldValue.Text(Timestamps.Write(time));
        return null;
    }

    private static Rejection? CheckJson(Field field, string json)
    {
        if (
            json.Length > (field.MaxLength ?? Limits.FieldBytes)
            || Utf8.GetByteCount(json) > (field.MaxLength ?? Limits.FieldBytes)
        )
            return TooLarge(field, $"Longer than {field.MaxLength ?? Limits.FieldBytes} bytes");
        return ContainsNul(json) ? Invalid(field, "Text cannot contain the character NUL") : null;
    }

    /// <summary>Whether an escape in compact JSON text stands for NUL, and is not itself escaped.</summary>
    private static bool ContainsNul(string json)
    {
        const string Escape = "\\u0000";
        for (
            var at = json.IndexOf(Escape, StringComparison.Ordinal);
            at >= 0;
            at = json.IndexOf(Escape, at + 1, StringComparison.Ordinal)
        )
        {
            var backslashes = 0;
            while (at - backslashes > 0 && json[at - backslashes - 1] == '\\')
                backslashes++;
            if (backslashes % 2 == 0)
                return true;
        }
        return false;
    }

    private static int CodePoints(string text) => text.Count(c => !char.IsLowSurrogate(c));

    private static Rejection Invalid(Field field, string message) =>
        new(ErrorCode.InvalidValue, message, field.Name);

    private static Rejection TooLarge(Field field, string message) =>
        new(ErrorCode.ValueTooLarge, message, field.Name);
}
