using Orchestra.Database.Postgres;
using Orchestra.Database.Seeders;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Store;

namespace Orchestra.Tests.Cluster.Plans;

/// <summary>
/// Calls every method of the store so that it runs every statement it has, for one owner and for
/// many at a time.
/// </summary>
internal sealed class EveryCall
{
    private const int Many = 200;
    private static readonly CancellationToken Never = CancellationToken.None;

    private static readonly string[] SampleWords = ["et", "src", "\"et\" -src or cs -et"];

    private readonly SeededServer server;
    private readonly ISyncStore store;
    private readonly EntityCatalog catalog;
    private readonly int run;
    private readonly EngineDevice device;

    /// <summary>Owners that nobody writes, the same in each run; all have the whole past.</summary>
    private readonly List<OwnerId> readers = Owners(1, Many);

    /// <summary>Owners that this run alone writes.</summary>
    private readonly List<OwnerId> writers;

    private EveryCall(SeededServer server, ISyncStore store, EntityCatalog catalog, int run)
    {
        this.server = server;
        this.store = store;
        this.catalog = catalog;
        this.run = run;
        writers = Owners(1 + (run * 2 * Many), Many);
        // The month after the last one that was seeded: nobody has made it yet.
        device = new(store, catalog, SeededServer.Plan.Now.AddMonths(run));
    }

    /// <param name="server">With a database that is seeded.</param>
    /// <param name="mode">Of planning: <c>force_custom_plan</c> or <c>force_generic_plan</c>.</param>
    /// <param name="run">From 1; each run has owners of its own.</param>
    public static async Task RunAsync(SeededServer server, string mode, int run)
    {
        await using var database = PostgresDatabase.Open(
            server.ConnectionString("orchestra_app") + $";Options=-c plan_cache_mode={mode}"
        );
        var store = await PostgresSyncStore.OpenAsync(database, Never);
        var call = new EveryCall(server, store, await store.LoadCatalogAsync(Never), run);
        await call.LoadAsync();
        await call.ReadAsync();
        await call.WriteAsync();
    }

    private async Task LoadAsync()
    {
        Assert.NotNull(await store.LoadOwnerAsync(readers[0], Never));
        Assert.Equal(Many, (await store.LoadHeadsAsync(readers, Never)).Count);
        var rows = await SeededRow.OfAsync(server, catalog, readers);
        var one = readers.Take(1).ToList();
        foreach (var owners in new[] { one, readers })
        {
            await LoadRowsAsync(rows, owners, row => true, false, false);
            await LoadRowsAsync(rows, owners, row => row.IsLive, withDescendants: true, false);
            await LoadRowsAsync(rows, owners, row => row.IsRoot, withDescendants: true, false);
        }
        // Devices that know what a row was before its last change, and at its beginning.
        foreach (var owners in new List<OwnerId>[] { [readers[0]], [.. readers.Take(20)] })
            await LoadRowsAsync(rows, owners, row => row.Version > row.CreatedVersion, false, true);
        var verified = await store.VerifyAsync(
            readers[0],
            [.. catalog.Types.Select(type => type.Name)],
            Never
        );
        var head = (await store.LoadHeadsAsync(one, Never))[readers[0]];
        Assert.Equal(new Verified(head.Version, head.Digest, head.Rows), verified);
    }

    /// <summary>Three rows of each type and owner, or as many as there are.</summary>
    private async Task LoadRowsAsync(
        ILookup<OwnerId, SeededRow> rows,
        IReadOnlyList<OwnerId> owners,
        Func<SeededRow, bool> isMeant,
        bool withDescendants,
        bool isStale
    )
    {
        var queries = owners
            .Select(owner => new RowQuery(
                owner,
                [
                    .. rows[owner]
                        .Where(isMeant)
                        .GroupBy(row => row.Key.Entity)
                        .SelectMany(type => type.Take(3))
                        .Select(row => new RowNeed(
                            row.Key,
                            isStale ? row.CreatedVersion : null,
                            withDescendants
                        )),
                ]
            ))
            .ToList();
        var sets = await store.LoadRowsAsync(queries, Never);
        Assert.Contains(sets, set => set.Rows.Count > 0);
        if (isStale)
            Assert.Contains(sets, set => set.Writes.Count > 0);
    }

    private async Task ReadAsync()
    {
        var owner = readers[0];
        var head = (await store.LoadHeadsAsync([owner], Never))[owner];
        var middle = head.Version / 2;
        // A page within a month, and one that goes on over the ends of several.
        var page = await PageAsync(new(head.Epoch, middle, null, null), 5);
        await PageAsync(new(head.Epoch, page.To, page.Mark, null), 5);
        await PageAsync(new(head.Epoch, middle, null, null), 100);
        await PageAsync(Cursor.Start(0), 40);
        await PageAsync(Cursor.Start(0), 5_000);
        await PageAsync(new(head.Epoch, middle, null, head.Version - 10), 40);
        await PageAsync(Cursor.Start(0), 40, "notes", "tasks");
        // Words of which some are in every row and others in few.
        foreach (var words in SampleWords)
        {
            var found = await store.SearchAsync(owner, new(words, null, null, 3), Never);
            Assert.NotEmpty(found.Rows);
            await store.SearchAsync(owner, new(words, null, found.Next, 100), Never);
        }
        await store.FindUnusedContentsAsync(owner, SeededServer.Plan.Now, 100, Never);
        await store.ListContentsAsync(null, 100, Never);
        // Whoever has the most conflicts has more than one page of them.
        foreach (var reader in readers.Take(5))
        {
            var conflicts = await store.ReadConflictsAsync(reader, null, 1, Never);
            if (conflicts.Next is { } next)
                await store.ReadConflictsAsync(reader, next, 50, Never);
        }

        async Task<ChangesPage> PageAsync(Cursor cursor, int limit, params string[] entities)
        {
            var query = new ReadQuery(
                owner,
                cursor,
                limit,
                int.MaxValue,
                entities.Length == 0 ? null : entities
            );
            var outcome = await store.ReadAsync(query, Never);
            Assert.NotNull(outcome.Page);
            return outcome.Page;
        }
    }

    private async Task WriteAsync()
    {
        var alone = writers.Take(1).ToList();
        var first = await SeededRow.OfAsync(server, catalog, writers);
        foreach (var owners in new List<OwnerId>[] { alone, [.. writers.Skip(1)] })
        {
            await device.PushAsync([.. owners.Select(o => (o, SampleEdits.Creates(o, "one")))]);
            await device.PushAsync([.. owners.Select(o => (o, SampleEdits.Edits(first[o])))]);
            await device.PushAsync(
                [.. owners.Take(20).Select(o => (o, SampleEdits.Revision(first[o])))],
                byServer: true
            );
        }
        await device.PushAloneAsync(writers[0], SampleEdits.Creates(writers[0], "two"));
        foreach (var count in new[] { 1, 20 })
            await device.PushAsync(
                [
                    .. Enumerable
                        .Range(1, count)
                        .Select(n => new OwnerId(
                            NaturalKey.Derive(NaturalKey.Namespace, $"new {run} {count} {n}")
                        ))
                        .Select(owner => (owner, SampleEdits.Registration(owner))),
                ],
                byServer: true
            );
        foreach (var owners in new[] { alone, writers })
            await store.SaveAcksAsync(
                [
                    .. owners.Select(owner => new DeviceAck(
                        owner,
                        new DeviceId(NaturalKey.Derive(owner.Value, "device")),
                        1,
                        SeededServer.Plan.Now
                    )),
                ],
                Never
            );
        foreach (var owner in alone)
            await store.LoadAcksAsync(owner, Never);
    }

    /// <summary>Of those whose history begins with the first month.</summary>
    private static List<OwnerId> Owners(int first, int count) =>
        [
            .. Enumerable
                .Range(first, int.MaxValue - first)
                .Where(number => number % 3 != 0)
                .Take(count)
                .Select(number => Seeder.OwnerOf(SeededServer.Plan.Seed, number)),
        ];
}
