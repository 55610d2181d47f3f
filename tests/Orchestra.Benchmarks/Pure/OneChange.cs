using BenchmarkDotNet.Attributes;
using Orchestra.Sync;
using Orchestra.Sync.Decisions;

namespace Orchestra.Benchmarks.Pure;

/// <summary>One change of one task: what is decided, what the row is then, and the digest.</summary>
public class OneChange
{
    private const long Version = 1_001;
    private static readonly Knowledge OfDesk = new([new(MadeUpTasks.Desk, 6)], IsServer: false);
    private static readonly Stamp Sent = MadeUpTasks.StampOf(MadeUpTasks.Desk, 7);

    private CheckedChange create = null!;
    private CheckedChange update = null!;
    private CheckedChange late = null!;
    private RowPast none = null!;
    private RowPast known = null!;
    private RowPast written = null!;
    private Resolution resolvedCreate;
    private Resolution resolvedUpdate;

    [GlobalSetup]
    public async Task PrepareAsync()
    {
        var tasks = await MadeUpTasks.CreateAsync();
        var row = MadeUpTasks.RowOf(7);
        create = tasks.Check(MadeUpTasks.Create(7));
        update = tasks.Check(MadeUpTasks.Finish(7, known: row.Version));
        late = tasks.Check(MadeUpTasks.Finish(7, known: row.Version));
        none = RowPast.OfNoRow();
        known = new(row, [], isLogComplete: true);
        written = MadeUpTasks.Retitled(row, count: 10);
        resolvedCreate = Resolution.Of(none, create, Sent, OfDesk);
        resolvedUpdate = Resolution.Of(known, update, Sent, OfDesk);
        Invariant.Require(resolvedCreate.Won.Count == 7 && resolvedUpdate.Won.Count == 2);
    }

    [Benchmark(Description = "resolve: new row")]
    public int ResolveNew() => Resolution.Of(none, create, Sent, OfDesk).Won.Count;

    [Benchmark(Description = "resolve: update that knows all")]
    public int ResolveUpdate() => Resolution.Of(known, update, Sent, OfDesk).Won.Count;

    [Benchmark(Description = "resolve: update beside 10 later writes")]
    public int ResolveConcurrent() => Resolution.Of(written, late, Sent, OfDesk).Won.Count;

    [Benchmark(Description = "fold: new row")]
    public Row FoldNew() => FoldOf(null, create, resolvedCreate);

    [Benchmark(Description = "fold: 2 of 7 fields")]
    public Row FoldUpdate() => FoldOf(known.Row, update, resolvedUpdate);

    [Benchmark(Description = "digest: one row")]
    public ulong DigestRow() => Digest.Of(known.Row);

    [Benchmark(Description = "digest: a changed row")]
    public ulong DigestChange() => Digest.Of(known.Row) ^ Digest.Of(written.Row);

    [Benchmark(Description = "all three: new row")]
    public ulong TakeNew() => Take(none, create);

    [Benchmark(Description = "all three: update that knows all")]
    public ulong TakeUpdate() => Take(known, update);

    [Benchmark(Description = "all three: update beside 10 later writes")]
    public ulong TakeConcurrent() => Take(written, late);

    private static ulong Take(RowPast past, CheckedChange change)
    {
        var resolution = Resolution.Of(past, change, Sent, OfDesk);
        return Digest.Of(past.Row) ^ Digest.Of(FoldOf(past.Row, change, resolution));
    }

    private static Row FoldOf(Row? before, CheckedChange change, Resolution resolution) =>
        Fold.Of(before, change, resolution, Version, MadeUpTasks.Noon);
}
