using Npgsql;
using Orchestra.TestKit.Postgres;

namespace Orchestra.Tests.Postgres;

public sealed class PostgresServerTests
{
    [Fact]
    public async Task What_was_committed_is_there_after_kill_9_and_a_restart()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var database = await OpenDatabaseAsync(server);
        await RunAsync(database, "create table kept (id int); insert into kept values (7)");
        await using (var open = await database.OpenConnectionAsync())
        {
            await using var begun = await open.BeginTransactionAsync();
            await using var insert = new NpgsqlCommand("insert into kept values (8)", open);
            await insert.ExecuteNonQueryAsync();

            await server.KillAsync();
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => begun.CommitAsync());
        }
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => RunAsync(database, "select 1"));

        await server.RestartAsync();
        Assert.Equal(7L, await RunAsync(database, "select sum(id) from kept"));
        Assert.Contains("was not properly shut down", server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_servers_stand_side_by_side()
    {
        await using var one = await PostgresServer.StartAsync(("application_name", "it's one"));
        await using var other = await PostgresServer.StartAsync(("max_connections", "20"));
        await using var first = await OpenDatabaseAsync(one);
        await using var second = await OpenDatabaseAsync(other);
        Assert.Equal("200", await RunAsync(first, "show max_connections"));
        Assert.Equal("20", await RunAsync(second, "show max_connections"));
        Assert.Equal("it's one", await RunAsync(first, "show application_name"));
        Assert.Equal("on", await RunAsync(first, "show fsync"));

        await one.StopAsync();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => RunAsync(first, "select 1"));
        Assert.Equal(1, await RunAsync(second, "select 1"));
    }

    [Fact]
    public async Task A_server_that_stands_still_answers_when_it_goes_on()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var database = await OpenDatabaseAsync(server);
        await RunAsync(database, "select 1");

        await server.SuspendAsync();
        var asked = RunAsync(database, "select pg_sleep(0.05)");
        Assert.False(asked.IsCompleted);
        await server.ResumeAsync();
        await asked;
    }

    [Fact]
    public async Task A_database_is_a_copy_of_its_template_and_shares_nothing_with_it()
    {
        var server = await PostgresServer.SharedAsync();
        var template = await server.CreateDatabaseAsync();
        await using (var original = Open(server, template))
            await RunAsync(original, "create table rows (id int); insert into rows values (1)");

        await using var copy = Open(server, await server.CreateDatabaseAsync(template));
        await using var another = Open(server, await server.CreateDatabaseAsync(template));
        await RunAsync(copy, "insert into rows values (2)");
        Assert.Equal(2L, await RunAsync(copy, "select count(*) from rows"));
        Assert.Equal(1L, await RunAsync(another, "select count(*) from rows"));
    }

    [Fact]
    public async Task A_server_that_cannot_start_says_why()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            PostgresServer.StartAsync(("no_such_setting", "1"))
        );
        Assert.Contains("no_such_setting", error.Message, StringComparison.Ordinal);
    }

    private static async Task<NpgsqlDataSource> OpenDatabaseAsync(PostgresServer server) =>
        Open(server, await server.CreateDatabaseAsync());

    private static NpgsqlDataSource Open(PostgresServer server, string database) =>
        NpgsqlDataSource.Create(server.ConnectionString(database));

    private static async Task<object?> RunAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
