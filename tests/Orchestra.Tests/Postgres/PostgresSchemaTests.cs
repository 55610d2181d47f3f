using Npgsql;
using Orchestra.Database.Postgres;
using Orchestra.Database.Schema;
using Orchestra.TestKit.Postgres;

namespace Orchestra.Tests.Postgres;

/// <summary>Migrations: in order, once, whole, by one at a time, and back.</summary>
public sealed class PostgresSchemaTests : IAsyncLifetime
{
    private static readonly CancellationToken Never = CancellationToken.None;

    private static readonly Migration First = Step(
        "801_first.sql",
        "create table orchestra.first (a integer);",
        "drop table orchestra.first;"
    );

    private static readonly Migration Second = Step(
        "802_second.sql",
        "create table orchestra.second (a integer);",
        null
    );

    private readonly News news = new();
    private string connectionString = null!;

    public async Task InitializeAsync()
    {
        // Roles and their settings belong to the server: one of its own disturbs nobody.
        await MigratedDatabase.SharedAsync();
        var server = await PostgresServer.SharedAsync();
        connectionString = server.ConnectionString(await server.CreateDatabaseAsync());
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Migrations_are_applied_in_order_and_once()
    {
        await MigrateAsync(null, Second, First);
        Assert.Equal(
            [
                .. Migration.BuiltIn.Select(migration => migration.Script.Name),
                "801_first.sql",
                "802_second.sql",
            ],
            news.Applied
        );
        news.Applied.Clear();
        await MigrateAsync(null, First, Second);
        Assert.Empty(news.Applied);
        Assert.Equal(
            Migration.BuiltIn.Count + 2L,
            await RunAsync(
                """
                select count(*) from orchestra.schema_migration
                where duration_ms >= 0 and length(hash) = 64 and applied_by = 'postgres'
                """
            )
        );
    }

    [Fact]
    public async Task Migrating_up_to_a_number_leaves_the_rest_pending_and_a_silo_does_not_start_on_it()
    {
        await MigrateAsync(upTo: 2);
        var list = await Schema().ListAsync(Never);
        Assert.Equal(
            Migration.BuiltIn.Select(migration => migration.Number <= 2),
            list.Select(script => script.AppliedAt is not null)
        );
        var fault = await Assert.ThrowsAsync<SchemaException>(() =>
            Schema().RequireCurrentAsync(Never)
        );
        Assert.Contains("003_workspace.sql", fault.Message, StringComparison.Ordinal);
        Assert.Contains("silo migrate", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listing_an_empty_database_changes_nothing()
    {
        Assert.All(await Schema().ListAsync(Never), script => Assert.Null(script.AppliedAt));
        Assert.Null(await RunAsync("select to_regclass('orchestra.schema_migration')::text"));
    }

    [Fact]
    public async Task A_migration_that_was_edited_after_it_was_applied_is_refused()
    {
        await MigrateAsync(null, First);
        var edited = First with
        {
            Script = First.Script with { Text = "create table orchestra.first (b integer);" },
        };
        var fault = await Assert.ThrowsAsync<SchemaException>(() =>
            MigrateAsync(null, edited, Second)
        );
        Assert.Contains("801_first.sql was edited", fault.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SchemaException>(() => Schema(edited).ListAsync(Never));
        await Assert.ThrowsAsync<SchemaException>(() => Schema(edited).RequireCurrentAsync(Never));
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_nothing_behind_and_says_why()
    {
        var broken = Step("803_broken.sql", "create table orchestra.half (a integer); nonsense;");
        var fault = await Assert.ThrowsAsync<SchemaException>(() => MigrateAsync(null, broken));
        Assert.Contains("803_broken.sql failed", fault.Message, StringComparison.Ordinal);
        Assert.Contains("nonsense", fault.Message, StringComparison.Ordinal);
        Assert.Null(await RunAsync("select to_regclass('orchestra.half')::text"));
        var mended = Step("803_broken.sql", "create table orchestra.half (a integer);");
        await MigrateAsync(null, mended);
        Assert.Equal(
            "orchestra.half",
            await RunAsync("select to_regclass('orchestra.half')::text")
        );
    }

    [Fact]
    public async Task Processes_that_migrate_at_once_apply_each_migration_once()
    {
        await MigrateAsync(upTo: 1);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => MigrateAsync(null, First)));
        Assert.Equal(news.Applied.Distinct().Count(), news.Applied.Count);
    }

    [Fact]
    public async Task What_was_applied_can_be_taken_back_to_nothing_and_applied_again()
    {
        await MigrateAsync(null, First);
        await Schema(First).RollbackAsync(null, news, Never);
        Assert.Null(await RunAsync("select to_regclass('orchestra.first')::text"));
        await Schema(First).RollbackAsync(3, news, Never);
        Assert.Equal(3L, await RunAsync("select count(*) from orchestra.schema_migration"));
        await Schema(First).RollbackAsync(0, news, Never);
        Assert.Equal(
            0L,
            await RunAsync(
                "select count(*) from pg_namespace where nspname like 'orchestra%' or nspname = 'orleans'"
            )
        );
        await MigrateAsync(null, First);
        await Schema(First).RequireCurrentAsync(Never);
    }

    [Fact]
    public async Task A_migration_without_a_way_back_stays()
    {
        await MigrateAsync(null, First, Second);
        var fault = await Assert.ThrowsAsync<SchemaException>(() =>
            Schema(First, Second).RollbackAsync(null, news, Never)
        );
        Assert.Contains("802_second.sql has no way back", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_version_s_migrations_do_not_keep_an_older_silo_from_starting()
    {
        await MigrateAsync(null, First);
        await Schema().RequireCurrentAsync(Never);
        var fault = await Assert.ThrowsAsync<SchemaException>(() =>
            Schema().RollbackAsync(3, news, Never)
        );
        Assert.Contains("801_first.sql", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_may_not_migrate_is_told_who_may()
    {
        await MigrateAsync(null);
        var asApp = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Username = MigratedDatabase.App,
        };
        var fault = await Assert.ThrowsAsync<SchemaException>(() =>
            new PostgresSchema(asApp.ConnectionString, First).MigrateAsync(null, news, Never)
        );
        Assert.Contains("a member of orchestra_migrator", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_migrator_migrates_what_a_superuser_began()
    {
        await MigrateAsync(upTo: 1);
        var asMigrator = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Username = MigratedDatabase.Migrator,
        };
        await new PostgresSchema(asMigrator.ConnectionString).MigrateAsync(null, news, Never);
        await Schema().RequireCurrentAsync(Never);
    }

    [Fact]
    public async Task Without_pgvector_the_migration_says_that_search_by_meaning_is_off()
    {
        var has = await RunAsync(
            "select count(*) from pg_available_extensions where name = 'vector'"
        );
        await MigrateAsync(null);
        var table = await RunAsync("select to_regclass('orchestra.files_embedding')::text");
        Assert.Equal(has is 0L, table is null);
        Assert.Equal(
            has is 0L,
            news.Warnings.Exists(text => text.Contains("search by meaning is off"))
        );
    }

    [VectorFact]
    public async Task With_pgvector_there_is_a_table_of_embeddings_also_if_it_comes_later()
    {
        await using var server = await PostgresServer.StartVectorAsync();
        var name = await server.CreateDatabaseAsync();
        var schema = new PostgresSchema(server.ConnectionString(name));
        await schema.MigrateAsync(null, news, Never);
        Assert.Empty(news.Warnings);
        await using var source = NpgsqlDataSource.Create(server.ConnectionString(name));
        await using (var drop = source.CreateCommand("drop table orchestra.files_embedding"))
            await drop.ExecuteNonQueryAsync();
        await schema.MigrateAsync(null, news, Never);
        await using var type = source.CreateCommand(
            """
            select format_type(atttypid, atttypmod) from pg_attribute
            where attrelid = 'orchestra.files_embedding'::regclass and attname = 'embedding'
            """
        );
        Assert.Equal("vector(1536)", await type.ExecuteScalarAsync());
        await schema.RollbackAsync(0, news, Never);
    }

    private static Migration Step(string name, string text, string? back = null) =>
        new(
            new SqlScript(name, text),
            back is null ? null : new SqlScript(name.Replace(".sql", ".rollback.sql"), back)
        );

    private PostgresSchema Schema(params Migration[] more) => new(connectionString, more);

    private Task MigrateAsync(int? upTo, params Migration[] more) =>
        Schema(more).MigrateAsync(upTo, news, Never);

    private async Task<object?> RunAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync() is var value and not DBNull ? value : null;
    }

    /// <summary>What was reported, in order.</summary>
    private sealed class News : IProgress<MigrationNews>
    {
        public List<string> Applied { get; } = [];

        public List<string> Warnings { get; } = [];

        public void Report(MigrationNews value)
        {
            lock (Applied)
                (value.Took is null ? Warnings : Applied).Add(value.Text);
        }
    }
}
