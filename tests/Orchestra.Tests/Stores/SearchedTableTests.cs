using Microsoft.Data.Sqlite;
using Orchestra.Database.Postgres;
using Orchestra.Database.Schema;
using Orchestra.Database.Sqlite;
using Orchestra.Sync;
using Orchestra.Sync.Search;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Stores;

namespace Orchestra.Tests.Stores;

/// <summary>A table is searched once a migration says so, and by other fields once another does.</summary>
public sealed class SearchedTableTests
{
    private static readonly CancellationToken Never = CancellationToken.None;

    private readonly OwnerHistory owner = new(Guid.NewGuid());

    [Fact]
    public async Task On_SQLite_the_rule_is_enough()
    {
        using var database = SqliteDatabase.OpenInMemory();
        await MigrateAsync(SqliteBench.Specimens);
        var store = await SqliteSyncStore.OpenAsync(database, Never);
        await WriteAsync(store);
        Assert.Equal(0, await CountAsync(store, "apple"));
        var label = new SqlScript(
            "910_label.sql",
            "insert into sync_field_rule values ('specimens', 'label', 'searched')"
        );
        await MigrateAsync(SqliteBench.Specimens, label);
        await WriteAsync(store);
        await store.LoadCatalogAsync(Never);
        Assert.Equal(2, await CountAsync(store, "apple"));
        var none = new SqlScript(
            "911_none.sql",
            "delete from sync_field_rule where entity_type = 'specimens'"
        );
        await MigrateAsync(SqliteBench.Specimens, label, none);
        await WriteAsync(store);
        await store.LoadCatalogAsync(Never);
        Assert.Equal(0, await CountAsync(store, "apple"));
        await MigrateAsync(
            SqliteBench.Specimens,
            label,
            none,
            label with
            {
                Name = "912_again.sql",
            }
        );
        await store.LoadCatalogAsync(Never);
        Assert.Equal(3, await CountAsync(store, "apple"));

        Task MigrateAsync(params SqlScript[] scripts) =>
            new SqliteSchema(database, TimeProvider.System, scripts).MigrateAsync(Never);
    }

    [Fact]
    public async Task What_has_an_index_is_not_indexed_again()
    {
        using var bench = new SqliteBench(inMemory: false);
        await bench.OpenDatabaseAsync();
        var before = await VersionAsync();
        await bench.OpenDatabaseAsync();
        Assert.Equal(before, await VersionAsync());

        async Task<object?> VersionAsync()
        {
            await using var connection = new SqliteConnection(
                $"Data Source={bench.File};Pooling=False"
            );
            connection.Open();
            await using var command = connection.CreateCommand();
            command.CommandText = "pragma schema_version";
            return await command.ExecuteScalarAsync();
        }
    }

    [Fact]
    public async Task On_PostgreSQL_a_call_makes_the_index()
    {
        var label = new Migration(
            new SqlScript(
                "910_label.sql",
                """
                insert into orchestra.sync_field_rule (entity_type, field, rule)
                values ('specimens', 'label', 'searched');
                call orchestra.sync_search('specimens');
                call orchestra.sync_search('specimens');
                """
            ),
            null
        );
        var database = await MigratedDatabase.CreateAsync(more: [PostgresBench.Specimens, label]);
        await using var bench = new PostgresBench(database);
        var store = await bench.OpenAsync();
        await WriteAsync(store);
        Assert.Equal(1, await CountAsync(store, "apple"));
        var refusal = await Assert.ThrowsAsync<Npgsql.PostgresException>(() =>
            database.RunAsync("call orchestra.sync_search('tasks')")
        );
        Assert.Contains("No field of tasks is searched", refusal.MessageText);
    }

    private async Task WriteAsync(ISyncStore store)
    {
        owner.Create("specimens", ("label", FieldValue.Text("an apple")));
        Assert.Equal([CommitOutcome.Committed], await store.CommitAsync([owner.Commit()], Never));
    }

    private async Task<int> CountAsync(ISyncStore store, string words) =>
        (await store.SearchAsync(owner.Owner, new WordSearch(words, null, null, 10), Never))
            .Rows
            .Count;
}
