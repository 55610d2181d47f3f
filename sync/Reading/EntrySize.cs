using System.Text;

namespace Orchestra.Sync.Reading;

/// <summary>Roughly what an entry of a page takes, for bounds on memory and frames.</summary>
public static class EntrySize
{
    /// <summary>Ids, names and punctuation around the fields.</summary>
    private const int Envelope = 250;

    /// <summary>Bytes as JSON.</summary>
    public static long Of(IReadOnlyDictionary<string, FieldValue> fields)
    {
        long size = Envelope;
        foreach (var (name, value) in fields)
        {
            size += name.Length + 6;
            size += value.Kind switch
            {
                FieldValueKind.Text => OfText(value.AsText()),
                FieldValueKind.Json => Encoding.UTF8.GetByteCount(value.AsText()),
                _ => 12,
            };
        }
        return size;
    }

    /// <summary>Control characters are written as six bytes, quotes and backslashes as two.</summary>
    private static long OfText(string text)
    {
        long size = Encoding.UTF8.GetByteCount(text);
        var rest = text.AsSpan();
        while (rest.IndexOfAnyInRange('\0', '\u001f') is var at and >= 0)
        {
            size += 5;
            rest = rest[(at + 1)..];
        }
        return size + text.AsSpan().Count('"') + text.AsSpan().Count('\\');
    }
}
