using Orchestra.Database.Seeders;
using Orchestra.Database.Sqlite;
using Orchestra.Gateway.Requests;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Store;
using Orchestra.Sync.Wire;

namespace Orchestra.Benchmarks.Apply;

/// <summary>What a server has of an owner whom the seeder made up: all types, realistic texts.</summary>
/// <param name="Owner">Whose.</param>
/// <param name="Catalog">The server's types.</param>
/// <param name="Pages">The owner's rows as a new device gets them.</param>
internal sealed record MadeUpOwner(
    OwnerId Owner,
    EntityCatalog Catalog,
    IReadOnlyList<ChangesMessage> Pages
)
{
    private const int EntriesPerFrame = 500;
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    public static async Task<MadeUpOwner> CreateAsync(int rows, CancellationToken cancel)
    {
        using var database = SqliteDatabase.OpenInMemory();
        await new SqliteSchema(database, TimeProvider.System).MigrateAsync(cancel);
        var store = await SqliteSyncStore.OpenAsync(database, cancel);
        await new Seeder(store).SeedAsync(new SeedPlan(1, rows, Seed: 1, Now), null, cancel);
        var owner = Seeder.OwnerOf(seed: 1, number: 1);
        return new(
            owner,
            await store.LoadCatalogAsync(cancel),
            await ReadAsync(store, owner, cancel)
        );
    }

    private static async Task<List<ChangesMessage>> ReadAsync(
        SqliteSyncStore store,
        OwnerId owner,
        CancellationToken cancel
    )
    {
        var pages = new List<ChangesMessage>();
        var cursor = Cursor.Start(0);
        while (true)
        {
            var query = new ReadQuery(owner, cursor, EntriesPerFrame, Limits.FrameBytes, null);
            var page = (await store.ReadAsync(query, cancel)).Page!;
            pages.Add(page.ToMessage(owner, answers: null));
            if (!page.More)
                return pages;
            cursor = new Cursor(page.Epoch, page.To, page.Mark, page.Floor);
        }
    }
}
