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
            size += value.Kind is FieldValueKind.Text or FieldValueKind.Json
                ? value.AsText().Length
                : 12;
        }
        return size;
    }
}
