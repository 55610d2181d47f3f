using System.Globalization;
using Npgsql;
using Orchestra.TestKit.Postgres;

namespace Orchestra.Tests.Postgres;

public sealed class CuttingPostgresProxyTests : IAsyncLifetime
{
    private PostgresServer server = null!;
    private CuttingPostgresProxy proxy = null!;
    private NpgsqlDataSource direct = null!;
    private NpgsqlDataSource through = null!;

    public async Task InitializeAsync()
    {
        server = await PostgresServer.SharedAsync();
        proxy = new CuttingPostgresProxy(server.Port);
        var database = server.ConnectionString(await server.CreateDatabaseAsync());
        direct = NpgsqlDataSource.Create(database);
        through = NpgsqlDataSource.Create(proxy.Through(database));
        await using var create = direct.CreateCommand(
            "create table sync_head (id int primary key, version int); "
                + "insert into sync_head values (1, 1); create table log (version int)"
        );
        await create.ExecuteNonQueryAsync();
    }

    public async Task DisposeAsync()
    {
        await through.DisposeAsync();
        await direct.DisposeAsync();
        await proxy.DisposeAsync();
    }

    [Fact]
    public async Task An_unarmed_proxy_is_transparent()
    {
        await CommitBatchAsync(2, prepare: true);
        await CommitExplicitlyAsync(3);
        Assert.Equal(3, await ReadVersionAsync(through));
        var error = await Assert.ThrowsAsync<PostgresException>(() =>
            RunAsync("insert into sync_head values (1, 1)")
        );
        Assert.Equal(PostgresErrorCodes.UniqueViolation, error.SqlState);

        var text = new string('x', 3_000_000);
        await using var echo = through.CreateCommand("select $1 from generate_series(1, 3)");
        echo.Parameters.AddWithValue(text);
        await using var reader = await echo.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            Assert.Equal(text, reader.GetString(0));
        Assert.Equal(0, proxy.Cuts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_batch_whose_reply_is_cut_is_committed(bool prepare)
    {
        proxy.CutOnCommitReply(IsHeadUpdate);
        await Assert.ThrowsAsync<NpgsqlException>(() => CommitBatchAsync(2, prepare));
        Assert.Equal(2, await ReadVersionAsync(direct));
        Assert.Equal(1, proxy.Cuts);

        await CommitBatchAsync(3, prepare);
        Assert.Equal(3, await ReadVersionAsync(direct));
        Assert.Equal(1, proxy.Cuts);
    }

    [Fact]
    public async Task Not_even_the_beginning_of_a_long_reply_gets_through()
    {
        proxy.CutOnCommitReply(IsHeadUpdate);
        await using var command = through.CreateCommand(
            "update sync_head set version = 2 from generate_series(1, 1) "
                + "returning (select string_agg(repeat('x', 100), '') from generate_series(1, 9999))"
        );
        await Assert.ThrowsAsync<NpgsqlException>(() => command.ExecuteReaderAsync());
        Assert.Equal(2, await ReadVersionAsync(direct));
        Assert.Equal(1, proxy.Cuts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_batch_that_is_cut_before_its_commit_never_was(bool prepare)
    {
        proxy.CutBeforeCommit(IsHeadUpdate);
        await Assert.ThrowsAsync<NpgsqlException>(() => CommitBatchAsync(2, prepare));
        Assert.Equal(1, await ReadVersionAsync(direct));
        Assert.Equal(1, proxy.Cuts);

        await CommitBatchAsync(3, prepare);
        Assert.Equal(3, await ReadVersionAsync(direct));
    }

    [Fact]
    public async Task An_explicit_transaction_whose_reply_is_cut_is_committed()
    {
        proxy.CutOnCommitReply(IsHeadUpdate);
        await Assert.ThrowsAsync<NpgsqlException>(() => CommitExplicitlyAsync(2));
        Assert.Equal(2, await ReadVersionAsync(direct));
        Assert.Equal(1, proxy.Cuts);
    }

    [Fact]
    public async Task An_explicit_transaction_that_is_cut_before_its_commit_never_was()
    {
        proxy.CutBeforeCommit(IsHeadUpdate);
        await Assert.ThrowsAsync<NpgsqlException>(() => CommitExplicitlyAsync(2));
        Assert.Equal(1, await ReadVersionAsync(direct));
        Assert.Equal(1, proxy.Cuts);
    }

    [Fact]
    public async Task A_transaction_that_does_not_commit_is_not_cut()
    {
        proxy.CutOnCommitReply(IsHeadUpdate);
        proxy.CutBeforeCommit(IsHeadUpdate);
        await using (var connection = await through.OpenConnectionAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await using var update = UpdateHead(2);
            update.Connection = connection;
            await update.ExecuteNonQueryAsync();
            await transaction.RollbackAsync();
        }
        Assert.Equal(1, await ReadVersionAsync(through));
        Assert.Equal(0, proxy.Cuts);
        proxy.Disarm();

        // Of this one the server tells why, and the fault goes on waiting.
        proxy.CutOnCommitReply(IsHeadUpdate);
        await Assert.ThrowsAsync<PostgresException>(() =>
            RunAsync("update sync_head set version = 1 / 0")
        );
        Assert.Equal(0, proxy.Cuts);
        await Assert.ThrowsAsync<NpgsqlException>(() => CommitBatchAsync(5, prepare: false));
        Assert.Equal(5, await ReadVersionAsync(direct));
    }

    [Fact]
    public async Task A_fault_that_is_armed_twice_happens_twice()
    {
        proxy.CutOnCommitReply(IsHeadUpdate, times: 2);
        await Assert.ThrowsAsync<NpgsqlException>(() => CommitBatchAsync(2, prepare: true));
        await Assert.ThrowsAsync<NpgsqlException>(() => CommitBatchAsync(3, prepare: true));
        await CommitBatchAsync(4, prepare: true);
        Assert.Equal(2, proxy.Cuts);
        Assert.Equal(4, await ReadVersionAsync(through));
    }

    [Fact]
    public async Task Nothing_comes_out_of_a_black_hole_until_it_heals()
    {
        Assert.Equal(1, await ReadVersionAsync(through));
        proxy.Blackhole();
        var onOldConnection = CommitBatchAsync(2, prepare: false);
        var onNewConnection = ReadVersionAsync(through);
        Assert.Equal(1, await ReadVersionAsync(direct));
        Assert.False(onOldConnection.IsCompleted || onNewConnection.IsCompleted);

        proxy.Heal();
        await onOldConnection;
        await onNewConnection;
        Assert.Equal(2, await ReadVersionAsync(direct));
    }

    [Fact]
    public async Task A_server_that_is_gone_is_gone_through_the_proxy_too()
    {
        await using var nobody = new CuttingPostgresProxy(target: 1);
        await using var database = NpgsqlDataSource.Create(
            nobody.Through(server.ConnectionString("postgres"))
        );
        await Assert.ThrowsAsync<NpgsqlException>(() => ReadVersionAsync(database));
    }

    private static bool IsHeadUpdate(string sql) =>
        sql.StartsWith("update sync_head", StringComparison.Ordinal);

    private static NpgsqlCommand UpdateHead(int version) =>
        new("update sync_head set version = $1 where id = 1")
        {
            Parameters = { new() { Value = version } },
        };

    /// <summary>As the store commits: one pipelined batch without begin.</summary>
    private async Task CommitBatchAsync(int version, bool prepare)
    {
        await using var connection = await through.OpenConnectionAsync();
        await using var batch = connection.CreateBatch();
        batch.BatchCommands.Add(
            new("insert into log values ($1)") { Parameters = { new() { Value = version } } }
        );
        batch.BatchCommands.Add(
            new("update sync_head set version = $1 where id = 1")
            {
                Parameters = { new() { Value = version } },
            }
        );
        batch.BatchCommands.Add(new("select 1"));
        if (prepare)
            await batch.PrepareAsync();
        await batch.ExecuteNonQueryAsync();
    }

    private async Task CommitExplicitlyAsync(int version)
    {
        await using var connection = await through.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var update = UpdateHead(version);
        update.Connection = connection;
        Assert.Equal(1, await update.ExecuteNonQueryAsync());
        await transaction.CommitAsync();
    }

    private async Task RunAsync(string sql)
    {
        await using var command = through.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<int> ReadVersionAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("select version from sync_head");
        return Convert.ToInt32(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
