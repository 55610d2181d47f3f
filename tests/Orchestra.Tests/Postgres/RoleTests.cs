using Npgsql;
using Orchestra.TestKit.Postgres;

namespace Orchestra.Tests.Postgres;

/// <summary>
/// Who may do what. That the application can do its work is what all other tests show; here is what it
/// and the others cannot.
/// </summary>
public sealed class RoleTests : IAsyncLifetime
{
    private const string Readonly = "orchestra_readonly";

    private MigratedDatabase database = null!;

    public async Task InitializeAsync() => database = await MigratedDatabase.SharedAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData(MigratedDatabase.App, "statement_timeout", "30s")]
    [InlineData(MigratedDatabase.App, "lock_timeout", "3s")]
    [InlineData(MigratedDatabase.App, "idle_in_transaction_session_timeout", "15s")]
    [InlineData(MigratedDatabase.Maintenance, "lock_timeout", "3s")]
    [InlineData(MigratedDatabase.Maintenance, "idle_in_transaction_session_timeout", "1min")]
    [InlineData(Readonly, "statement_timeout", "1min")]
    public async Task Nobody_waits_or_works_for_ever(string role, string setting, string value) =>
        Assert.Equal(value, await database.RunAsync($"show {setting}", role));

    [Theory]
    [InlineData("update orchestra.sync_log set seq = 0")]
    [InlineData("delete from orchestra.sync_log")]
    [InlineData("truncate orchestra.sync_log")]
    [InlineData("select from {month}")]
    [InlineData("insert into {month} select * from orchestra.sync_log")]
    [InlineData("drop table {month}")]
    [InlineData("alter table orchestra.sync_log detach partition {month}")]
    [InlineData("delete from orchestra.projects")]
    [InlineData("delete from orchestra.devices")]
    [InlineData("delete from orchestra.sync_head")]
    [InlineData("delete from orchestra.device_cursor")]
    [InlineData("delete from orchestra.sync_conflict")]
    [InlineData("update orchestra.sync_conflict set ordinal = 0")]
    [InlineData("insert into orchestra.sync_epoch values (gen_random_uuid(), 1, 1)")]
    [InlineData("insert into orchestra.sync_entity values ('mine')")]
    [InlineData("update orchestra.sync_field_rule set bound = 1")]
    [InlineData("delete from orchestra.schema_migration")]
    [InlineData("create table orchestra.mine ()")]
    [InlineData("create table orchestra_log.mine ()")]
    [InlineData("create schema mine")]
    [InlineData("alter table orchestra.projects add column mine text")]
    [InlineData("drop table orchestra.projects")]
    [InlineData("call orchestra.sync_table('projects')")]
    [InlineData("set role orchestra_migrator")]
    [InlineData("set role orchestra_maintenance")]
    public Task The_application_adds_to_history_and_takes_nothing_away(string sql) =>
        IsRefusedAsync(MigratedDatabase.App, sql);

    [Fact]
    public async Task A_missing_month_is_made_through_the_function_and_belongs_to_maintenance()
    {
        Assert.Equal(
            true,
            await database.RunAsync(
                "select orchestra_log.make_month('2019-03-05')",
                MigratedDatabase.App
            )
        );
        Assert.Equal(
            MigratedDatabase.Maintenance,
            await database.RunAsync(
                """
                select relowner::regrole::text from pg_class
                where oid = 'orchestra_log.sync_log_2019_03'::regclass
                """
            )
        );
        await IsRefusedAsync(MigratedDatabase.App, "select from orchestra_log.sync_log_2019_03");
    }

    [Theory]
    [InlineData("1999-12-31")]
    [InlineData("2999-01-01")]
    public async Task The_function_makes_no_month_that_nobody_needs(string month)
    {
        var refusal = await Assert.ThrowsAsync<PostgresException>(() =>
            database.RunAsync($"select orchestra_log.make_month('{month}')", MigratedDatabase.App)
        );
        Assert.Equal(PostgresErrorCodes.DatetimeFieldOverflow, refusal.SqlState);
    }

    [Theory]
    [InlineData("insert into orchestra.sync_conflict default values")]
    [InlineData("insert into orchestra.projects default values")]
    [InlineData("update orchestra.projects set name = ''")]
    [InlineData("delete from orchestra.sync_head")]
    [InlineData("update orchestra.device_cursor set last_seq = 0")]
    [InlineData("delete from orchestra.device_cursor")]
    [InlineData("delete from orchestra.sync_epoch")]
    [InlineData("create table orchestra.mine ()")]
    [InlineData("drop table orchestra.projects")]
    [InlineData("set role orchestra_migrator")]
    public Task Maintenance_collects_and_writes_no_row(string sql) =>
        IsRefusedAsync(MigratedDatabase.Maintenance, sql);

    [Theory]
    [InlineData("insert into orchestra.sync_log default values")]
    [InlineData("update orchestra.projects set name = ''")]
    [InlineData("delete from orchestra.projects")]
    [InlineData("update orchestra.sync_head set version = 0")]
    [InlineData("delete from orchestra.device_cursor")]
    [InlineData("create table orchestra.mine ()")]
    [InlineData("select orchestra_log.make_month('2020-01-01')")]
    public Task Who_only_reads_changes_nothing(string sql) => IsRefusedAsync(Readonly, sql);

    [Fact]
    public async Task Who_only_reads_reads_every_table_that_has_data()
    {
        Assert.Null(
            await database.RunAsync(
                $"""
                select string_agg(relname, ' ') from pg_class
                where relnamespace = 'orchestra'::regnamespace and relkind in ('r', 'p')
                    and relname <> 'sync_row' and not has_table_privilege('{Readonly}', oid, 'select')
                """
            )
        );
        var asItIs = await Assert.ThrowsAsync<PostgresException>(() =>
            database.RunAsync("create temp table mine ()", Readonly)
        );
        Assert.Equal(PostgresErrorCodes.ReadOnlySqlTransaction, asItIs.SqlState);
    }

    [Theory]
    [InlineData("select from orchestra.projects")]
    [InlineData("select from orchestra.sync_head")]
    [InlineData("select from orchestra.sync_log")]
    [InlineData("select from {month}")]
    [InlineData("select from orchestra.schema_migration")]
    [InlineData("select from orleans.grain_state")]
    [InlineData("select orchestra_log.make_month('2020-01-01')")]
    [InlineData("create schema mine")]
    public async Task A_login_of_no_role_gets_nothing(string sql)
    {
        var nobody = $"nobody_{Guid.NewGuid():N}";
        await database.RunAsync($"create role {nobody} login");
        await IsRefusedAsync(nobody, sql);
        await database.RunAsync($"drop role {nobody}");
    }

    private async Task IsRefusedAsync(string role, string sql)
    {
        var month = $"orchestra_log.sync_log_{TimeProvider.System.GetUtcNow():yyyy_MM}";
        await using var connection = new NpgsqlConnection(
            // The role's own default is a read-only transaction; here its rights are what counts.
            database.ConnectionString(role)
                + ";Pooling=false;Options=-c default_transaction_read_only=off"
        );
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            sql.Replace("{month}", month, StringComparison.Ordinal),
            connection
        );
        var refusal = await Assert.ThrowsAsync<PostgresException>(command.ExecuteNonQueryAsync);
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refusal.SqlState);
    }
}
