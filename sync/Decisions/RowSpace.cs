using Orchestra.Sync.Catalog;
using Orchestra.Sync.Store;

namespace Orchestra.Sync.Decisions;

/// <summary>
/// The rows a batch can touch, as it has left them so far; knows who refers to whom. What happens
/// between <see cref="Begin"/> and <see cref="End"/> can be undone.
/// </summary>
internal sealed class RowSpace
{
    private readonly EntityCatalog catalog;
    private readonly Dictionary<RowKey, RowPast> pasts = [];
    private readonly Dictionary<RowKey, HashSet<RowKey>> children = [];
    private readonly Dictionary<RowKey, Touched> touched = [];
    private List<(RowKey Key, Row? Row, int Writes, Touched? Touched)>? undo;

    /// <param name="catalog">Says what refers to what.</param>
    /// <param name="loaded">The rows with their histories.</param>
    /// <param name="logHorizon">Up to here the log may be gone.</param>
    public RowSpace(EntityCatalog catalog, RowSet loaded, long logHorizon)
    {
        this.catalog = catalog;
        var writes = loaded.Writes.ToLookup(write => write.Row);
        foreach (var row in loaded.Rows)
        {
            // Of a row that was there before under this id, only the log knows.
            var own = writes[row.Key].Where(write => write.Version >= row.CreatedVersion);
            pasts[row.Key] = new RowPast(row, own, row.CreatedVersion > logHorizon);
            Link(row);
        }
    }

    public Row? Find(RowKey key) => pasts.GetValueOrDefault(key)?.Row;

    public RowPast PastOf(RowKey key) => pasts.GetValueOrDefault(key) ?? RowPast.OfNoRow();

    /// <summary>The rows that refer to one, live or not, as far as they were loaded.</summary>
    public IReadOnlyList<Row> ChildrenOf(RowKey key) =>
        children.TryGetValue(key, out var keys)
            ? [.. keys.Select(child => pasts[child].Row!).OrderBy(row => row.Version)]
            : [];

    /// <summary>The rows that one refers to through non-null fields, with the field's name.</summary>
    public IEnumerable<(string Field, RowKey Parent)> ParentsOf(Row row) =>
        References.Of(catalog, row);

    public void Write(Row after, PastWrite write)
    {
        var before = pasts.GetValueOrDefault(after.Key);
        var fields = touched.GetValueOrDefault(after.Key);
        undo?.Add((after.Key, before?.Row, before?.Writes.Count ?? 0, fields));
        touched[after.Key] =
            fields?.With(write.Won) ?? new Touched(IsNew: before?.Row is null, write.Won);
        if (before?.Row is { } old)
            Unlink(old);
        var past = before ?? RowPast.OfNoRow();
        past.Append(after, write);
        pasts[after.Key] = past;
        Link(after);
    }

    public void Begin() => undo = [];

    public void End() => undo = null;

    /// <summary>Takes back everything since <see cref="Begin"/>, and ends it.</summary>
    public void Undo()
    {
        Invariant.Require(undo is not null);
        for (var i = undo.Count - 1; i >= 0; i--)
        {
            var (key, row, writes, fields) = undo[i];
            Unlink(pasts[key].Row!);
            pasts[key].CutTo(row, writes);
            if (row is null)
                pasts.Remove(key);
            else
                Link(row);
            if (fields is null)
                touched.Remove(key);
            else
                touched[key] = fields;
        }
        undo = null;
    }

    /// <summary>One write a row, however often it changed; parents before children.</summary>
    public IReadOnlyList<RowWrite> Folded()
    {
        var rank = catalog
            .Types.Select((type, i) => (type.Name, i))
            .ToDictionary(p => p.Name, p => p.i);
        return
        [
            .. touched
                .Select(pair => new RowWrite(
                    pasts[pair.Key].Row!,
                    pair.Value.IsNew,
                    pair.Value.Fields
                ))
                .OrderBy(write => rank[write.After.Key.Entity])
                .ThenBy(write => write.After.Version),
        ];
    }

    private void Link(Row row)
    {
        foreach (var (_, parent) in ParentsOf(row))
        {
            if (!children.TryGetValue(parent, out var keys))
                children[parent] = keys = [];
            keys.Add(row.Key);
        }
    }

    private void Unlink(Row row)
    {
        foreach (var (_, parent) in ParentsOf(row))
            children[parent].Remove(row.Key);
    }

    private sealed record Touched(bool IsNew, IReadOnlyCollection<string> Fields)
    {
        public Touched With(IReadOnlyCollection<string> more) =>
            more.Count == 0
                ? this
                : this with
                {
                    Fields = new HashSet<string>(Fields.Concat(more)),
                };
    }
}
