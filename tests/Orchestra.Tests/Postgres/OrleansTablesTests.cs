using Npgsql;
using Orchestra.Tests.House;

namespace Orchestra.Tests.Postgres;

/// <summary>What the script makes, and who may do what with it.</summary>
[Collection(nameof(SharedOrleans))]
public sealed class OrleansTablesTests(SharedOrleans shared)
{
    [Fact]
    public async Task Every_table_and_column_says_what_it_is()
    {
        await using var app = Open("orchestra_app");
        await using var silent = app.CreateCommand(
            """
            select c.relname || '.' || coalesce(a.attname, '*')
            from pg_class c
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
            where c.relnamespace = 'orleans'::regnamespace and c.relkind = 'r'
                and (col_description(c.oid, a.attnum) is null or obj_description(c.oid) is null)
            """
        );
        Assert.Null(await silent.ExecuteScalarAsync());
    }

    // Orleans demands both, but a silo without Orleans clients calls neither.
    [Theory]
    [InlineData("GatewaysQueryKey")]
    [InlineData("CleanupDefunctSiloEntriesKey")]
    public async Task A_statement_that_silos_never_call_runs(string key)
    {
        await using var app = Open("orchestra_app");
        await using var read = app.CreateCommand(
            "select querytext from orleans.orleansquery where querykey = $1"
        );
        read.Parameters.AddWithValue(key);
        await using var command = app.CreateCommand((string)(await read.ExecuteScalarAsync())!);
        command.Parameters.AddWithValue("DeploymentId", "none");
        command.Parameters.AddWithValue("Status", 3);
        command.Parameters.AddWithValue("IAmAliveTime", TimeProvider.System.GetUtcNow());
        Assert.Null(await command.ExecuteScalarAsync());
    }

    [Theory]
    [InlineData("update orleans.orleansquery set querytext = ''")]
    [InlineData("truncate orleans.grain_state")]
    [InlineData("create table orleans.mine ()")]
    public Task The_application_changes_rows_and_nothing_else(string sql) =>
        IsRefusedAsync("orchestra_app", sql);

    [Theory]
    [InlineData("delete from orleans.reminder")]
    [InlineData("insert into orleans.membership_version (deployment_id) values ('mine')")]
    public Task Who_only_reads_changes_no_row(string sql) =>
        IsRefusedAsync("orchestra_readonly", sql);

    [Fact]
    public async Task Who_only_reads_reads_every_table()
    {
        await using var reader = Open("orchestra_readonly");
        await using var read = reader.CreateCommand(
            """
            select has_table_privilege(oid, 'select') from pg_class
            where relnamespace = 'orleans'::regnamespace and relkind = 'r'
            """
        );
        await using var tables = await read.ExecuteReaderAsync();
        while (await tables.ReadAsync())
            Assert.True(tables.GetBoolean(0));
    }

    [Fact]
    public async Task The_rollback_leaves_nothing()
    {
        await using var migrator = Open("orchestra_migrator");
        await using var connection = await migrator.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await RunAsync(Repository.Read("database/migrations/004_orleans.rollback.sql"));
        await RunAsync(Repository.Read("database/migrations/004_orleans.sql"));
        await transaction.RollbackAsync();

        async Task RunAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>The role's own default is a read-only transaction; here its rights are what counts.</summary>
    private NpgsqlDataSource Open(string role) =>
        NpgsqlDataSource.Create(
            shared.Database.ConnectionString(role) + ";Options=-c default_transaction_read_only=off"
        );

    private async Task IsRefusedAsync(string role, string sql)
    {
        await using var source = Open(role);
        await using var command = source.CreateCommand(sql);
        var refusal = await Assert.ThrowsAsync<PostgresException>(command.ExecuteNonQueryAsync);
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refusal.SqlState);
    }
}
