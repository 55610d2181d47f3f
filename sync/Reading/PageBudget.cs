namespace Orchestra.Sync.Reading;

/// <summary>When a page is full. The first entry always fits.</summary>
internal sealed class PageBudget(int maxEntries, int maxBytes)
{
    /// <summary>What an entry costs besides its fields: ids, names, punctuation.</summary>
    private const int EntryBytes = 250;

    private int entries;
    private long bytes;

    public bool IsFull => entries >= maxEntries || bytes >= maxBytes;

    public void Spend(IReadOnlyDictionary<string, FieldValue> fields)
    {
        entries++;
        bytes += EntryBytes + SizeOf(fields);
    }

    /// <summary>Roughly the bytes of the fields as JSON.</summary>
    public static long SizeOf(IReadOnlyDictionary<string, FieldValue> fields)
    {
        var size = 0L;
        foreach (var (name, value) in fields)
        {
            size += name.Length + 6;
            size += value.Kind is FieldValueKind.Text or FieldValueKind.Json
                ? value.AsText().Length
                : 12;
        }
        return size;
    }
}
