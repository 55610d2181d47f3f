namespace Orchestra.Sync.Reading;

/// <summary>When a page is full. The first entry always fits.</summary>
internal sealed class PageBudget(int maxEntries, int maxBytes)
{
    private int entries;
    private long bytes;

    public bool IsFull => entries >= maxEntries || bytes >= maxBytes;

    public void Spend(IReadOnlyDictionary<string, FieldValue> fields)
    {
        entries++;
        bytes += EntrySize.Of(fields);
    }
}
