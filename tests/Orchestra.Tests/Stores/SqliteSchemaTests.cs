using Microsoft.Extensions.Time.Testing;
using Orchestra.Database.Schema;
using Orchestra.Database.Sqlite;
using Orchestra.Sync;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Stores;
using Xunit;

namespace Orchestra.Tests.Stores;

public sealed class SqliteSchemaTests : IDisposable
{
    private static readonly SqlScript First = new("801_first.sql", "create table first (a TEXT);");
    private static readonly SqlScript Second = new(
        "802_second.sql",
        "create table second (a TEXT);"
    );

    private readonly FakeTimeProvider time = new();
    private readonly SqliteDatabase database = SqliteDatabase.OpenInMemory();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task Scripts_are_applied_in_order_and_once()
    {
        var applied = await MigrateAsync(Second, First);
        Assert.Equal(
            [
                "001_sync.sql",
                "002_workspace.sql",
                "003_search.sql",
                "004_contents.sql",
                "005_words.sql",
                "801_first.sql",
                "802_second.sql",
            ],
            applied
        );
        Assert.Empty(await MigrateAsync(First, Second));
    }

    [Fact]
    public async Task A_listing_shows_what_is_pending_and_changes_nothing()
    {
        var before = await ListAsync(First);
        Assert.Equal(6, before.Count);
        Assert.All(before, script => Assert.Null(script.AppliedAt));
        await MigrateAsync(First);
        var after = await ListAsync(First, Second);
        Assert.Equal(
            [true, true, true, true, true, true, false],
            after.Select(script => script.AppliedAt == time.GetUtcNow())
        );
    }

    [Fact]
    public async Task A_script_that_was_edited_after_it_was_applied_is_refused()
    {
        await MigrateAsync(First);
        var edited = First with { Text = "create table first (a TEXT, b TEXT);" };
        var error = await Assert.ThrowsAsync<SchemaException>(() => MigrateAsync(edited, Second));
        Assert.Contains(First.Name, error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SchemaException>(() => ListAsync(edited));
        Assert.Equal([Second.Name], await MigrateAsync(First, Second));
    }

    [Fact]
    public async Task A_script_that_fails_leaves_nothing_behind()
    {
        var broken = new SqlScript("803_broken.sql", "create table half (a TEXT); nonsense;");
        await Assert.ThrowsAnyAsync<Exception>(() => MigrateAsync(First, broken));
        var mended = broken with { Text = "create table half (a TEXT);" };
        Assert.Equal([mended.Name], await MigrateAsync(First, mended));
    }

    [Fact]
    public async Task A_store_needs_the_schema()
    {
        var error = await Assert.ThrowsAsync<SchemaException>(() =>
            SqliteSyncStore.OpenAsync(database, CancellationToken.None)
        );
        Assert.Contains("migrations", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_added_while_the_store_runs_syncs_from_then_on()
    {
        await MigrateAsync();
        var store = await SqliteSyncStore.OpenAsync(database, CancellationToken.None);
        await MigrateAsync(SqliteBench.Specimens);
        var catalog = await store.LoadCatalogAsync(CancellationToken.None);
        Assert.NotNull(catalog.Find("specimens"));

        var owner = new OwnerHistory(Guid.NewGuid());
        owner.Create("specimens", ("amount", FieldValue.Integer(1)));
        Assert.Equal(
            [CommitOutcome.Committed],
            await store.CommitAsync([owner.Commit()], CancellationToken.None)
        );
    }

    [Theory]
    [InlineData("body TEXT(140000)", "allows rows of")]
    [InlineData("body TEXT", "bad.body")]
    [InlineData("body TEXT JSON", "bad.body")]
    [InlineData("body INTEGER(8)", "bad.body")]
    [InlineData("body BLOB", "bad.body")]
    [InlineData("body VARCHAR(20)", "bad.body")]
    [InlineData("body TEXT UUID references projects (id)", "Every reference of table bad")]
    public async Task A_table_that_cannot_sync_stops_the_start_and_is_named(
        string column,
        string message
    )
    {
        await MigrateAsync(SyncTable("bad", column));
        await AssertRefusedAsync(message);
    }

    [Fact]
    public async Task A_table_without_the_sync_columns_stops_the_start()
    {
        var script = new SqlScript(
            "901_bad.sql",
            "create table bad (id TEXT); insert into sync_entity values ('bad');"
        );
        await MigrateAsync(script);
        await AssertRefusedAsync("Table bad cannot sync without created_at");
    }

    [Fact]
    public async Task Tables_that_refer_to_each_other_stop_the_start()
    {
        await MigrateAsync(
            SyncTable(
                "egg",
                "hen_id TEXT UUID",
                ", foreign key (owner_id, hen_id) references hen (owner_id, id)"
            ),
            SyncTable(
                "hen",
                "egg_id TEXT UUID",
                ", foreign key (owner_id, egg_id) references egg (owner_id, id)"
            )
        );
        await AssertRefusedAsync("egg, hen");
    }

    private async Task AssertRefusedAsync(string message)
    {
        var error = await Assert.ThrowsAsync<SchemaException>(() =>
            SqliteSyncStore.OpenAsync(database, CancellationToken.None)
        );
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static SqlScript SyncTable(string name, string column, string reference = "") =>
        new(
            $"901_{name}.sql",
            $"""
            create table {name} (
                owner_id TEXT UUID not null, id TEXT UUID not null, {column},
                version INTEGER not null,
                created_version INTEGER not null, created_at TEXT TIMESTAMP not null,
                updated_at TEXT TIMESTAMP not null, deleted_at TEXT TIMESTAMP,
                stamp_at TEXT TIMESTAMP not null, stamp_priority INTEGER not null,
                stamp_device TEXT UUID not null, stamp_seq INTEGER not null, root_version INTEGER,
                primary key (owner_id, id){reference}
            );
            insert into sync_entity (entity_type) values ('{name}');
            """
        );

    private Task<IReadOnlyList<string>> MigrateAsync(params SqlScript[] scripts) =>
        new SqliteSchema(database, time, scripts).MigrateAsync(CancellationToken.None);

    private Task<IReadOnlyList<ScriptStatus>> ListAsync(params SqlScript[] scripts) =>
        new SqliteSchema(database, time, scripts).ListAsync(CancellationToken.None);
}
