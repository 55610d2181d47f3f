namespace Orchestra.Sync.Decisions;

/// <summary>What lost in a commit, and the values that would otherwise be gone.</summary>
internal sealed class ConflictJournal(DateTimeOffset at)
{
    private readonly List<Conflict> conflicts = [];

    public IReadOnlyList<Conflict> All => conflicts;

    public int Count => conflicts.Count;

    /// <summary>Forgets what came after: a transaction did not stand.</summary>
    public void CutTo(int count) => conflicts.RemoveRange(count, conflicts.Count - count);

    public void Reject(CheckedChange change, Stamp sent, Rejection rejection) =>
        conflicts.Add(
            Of(ConflictVerdict.Rejected, change.Sent, sent, null, change.Sent.Fields) with
            {
                Code = rejection.Code,
                Field = rejection.Field is { } field ? Clip(field) : null,
            }
        );

    /// <summary>What a change lost, and what it took from others.</summary>
    /// <param name="change">The change.</param>
    /// <param name="resolution">How it fared.</param>
    /// <param name="verdict">What it was told.</param>
    /// <param name="version">The version it took.</param>
    public void Note(CheckedChange change, in Resolution resolution, Verdict verdict, long version)
    {
        if (verdict.Status == ChangeStatus.Merged)
        {
            var lost = resolution.Lost.ToDictionary(name => name, name => change.Fields[name]);
            conflicts.Add(Of(ConflictVerdict.Merged, change.Sent, resolution.Stamp, version, lost));
        }
        else if (verdict.Status == ChangeStatus.Superseded)
        {
            conflicts.Add(
                Of(
                    ConflictVerdict.Superseded,
                    change.Sent,
                    resolution.Stamp,
                    version,
                    change.Fields
                )
            );
        }
        foreach (var displaced in resolution.Displaced)
            conflicts.Add(Of(change.Row, displaced, version));
    }

    private Conflict Of(RowKey row, Displaced displaced, long winner)
    {
        var write = displaced.Write;
        return new(
            ConflictVerdict.Overwritten,
            row.Entity,
            row.Id.ToString("D"),
            write.Stamp.Device,
            write.Stamp.Seq,
            write.Change,
            write.Version,
            winner,
            Code: null,
            Field: null,
            write.Op == LogOp.Delete ? ChangeOp.Delete : ChangeOp.Update,
            displaced.Values,
            at
        );
    }

    private Conflict Of(
        ConflictVerdict verdict,
        Change sent,
        Stamp stamp,
        long? version,
        IReadOnlyDictionary<string, FieldValue> fields
    ) =>
        new(
            verdict,
            Clip(sent.Entity),
            Clip(sent.RowId),
            stamp.Device,
            sent.Seq,
            sent.Id,
            version,
            WinnerVersion: null,
            Code: null,
            Field: null,
            sent.Op,
            fields,
            at
        );

    /// <summary>A name that was never checked, in a length and spelling that any store takes.</summary>
    private static string Clip(string text)
    {
        const int Most = 100;
        var end = Math.Min(text.Length, Most);
        // Half a surrogate pair is no text.
        if (end < text.Length && char.IsHighSurrogate(text[end - 1]))
            end--;
        return text[..end].Replace("\0", "", StringComparison.Ordinal);
    }
}
