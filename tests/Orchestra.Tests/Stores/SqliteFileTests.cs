using Microsoft.Data.Sqlite;
using Orchestra.Database.Sqlite;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Stores;
using Xunit;

namespace Orchestra.Tests.Stores;

/// <summary>What only a file can show: crashes, other processes' locks, durability.</summary>
public sealed class SqliteFileTests : IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;

    private readonly SqliteBench bench = new(inMemory: false);

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task P5_A_crash_at_any_point_of_a_write_leaves_whole_commits()
    {
        var store = await bench.OpenAsync();
        Run("pragma wal_checkpoint(truncate)");
        var owner = new OwnerHistory(Guid.NewGuid());
        var project = owner.Create("projects", ("name", FieldValue.Text("0")));
        var heads = new List<OwnerHead?> { null };
        for (var i = 1; i <= 6; i++)
        {
            owner.Update(project, ("name", FieldValue.Text($"{i}")));
            owner.Create("projects", ("name", FieldValue.Text(new string('x', 200))));
            await store.CommitAsync([owner.Commit()], Never);
            heads.Add(owner.Head);
        }
        var wal = await File.ReadAllBytesAsync(bench.File + "-wal");
        var seen = new HashSet<OwnerHead?>();
        for (var length = 0; length <= wal.Length; length += 1 + (wal.Length / 150))
            seen.Add(await FindHeadAfterCrashAsync(owner, wal.AsMemory(0, length)));
        seen.Add(await FindHeadAfterCrashAsync(owner, wal));
        // Every commit was the last one of some crash, so none was skipped and none was half there.
        Assert.Equal(heads.ToHashSet(), seen);
    }

    [Fact]
    public async Task A_lock_that_another_process_holds_is_store_unavailable_and_nothing_happened()
    {
        var database = await bench.OpenDatabaseAsync(busyTimeout: TimeSpan.FromMilliseconds(20));
        var store = await SqliteSyncStore.OpenAsync(database, Never);
        var owner = new OwnerHistory(Guid.NewGuid());
        owner.Create("projects", ("name", FieldValue.Text("Apollo")));
        var commit = owner.Commit();

        await using (var other = new SqliteConnection($"Data Source={bench.File};Pooling=False"))
        {
            other.Open();
            await using var holding = other.BeginTransaction();
            var error = await Assert.ThrowsAsync<SyncException>(() =>
                store.CommitAsync([commit], Never)
            );
            Assert.Equal(ErrorCode.StoreUnavailable, error.Code);
            Assert.Null(await store.LoadOwnerAsync(owner.Owner, Never));
        }
        Assert.Equal([CommitOutcome.Committed], await store.CommitAsync([commit], Never));
    }

    [Fact]
    public async Task Acknowledgements_only_rise()
    {
        var store = await bench.OpenAsync();
        var owner = new OwnerHistory(Guid.NewGuid());
        owner.Create("projects", ("name", FieldValue.Text("Apollo")));
        await store.CommitAsync([owner.Commit()], Never);
        foreach (var version in new long[] { 3, 7, 5 })
        {
            var seen = OwnerHistory.Start.AddDays(version);
            await store.SaveAcksAsync(
                [new(owner.Owner, owner.Cursor.Device, version, seen)],
                Never
            );
        }
        Assert.Equal(
            $"7 {Timestamps.Write(OwnerHistory.Start.AddDays(7))}",
            Run("select acked_version || ' ' || last_seen_at from device_cursor")
        );
    }

    [Fact]
    public async Task The_file_keeps_a_write_ahead_log()
    {
        await bench.OpenAsync();
        Assert.Equal("wal", Run("pragma journal_mode"));
    }

    [Fact]
    public async Task A_restore_tells_what_of_the_older_history_still_stands()
    {
        var store = await bench.OpenAsync();
        var owner = new OwnerHistory(Guid.NewGuid());
        owner.Create("projects", ("name", FieldValue.Text("Apollo")));
        await store.CommitAsync([owner.Commit()], Never);
        var epoch = owner.Head.Epoch;
        Run($"insert into sync_epoch values ('{owner.Owner}', {epoch}, 40)");
        Run($"insert into sync_epoch values ('{owner.Owner}', {epoch - 5}, 30)");

        var cursor = new Cursor(epoch - 9, 35, null, null);
        var outcome = await store.ReadAsync(new(owner.Owner, cursor, 10, 1000, null), Never);
        Assert.Equal(new Reset(epoch, 30, ResetReason.EpochChanged), outcome.Reset);
    }

    [Fact]
    public async Task Two_processes_that_migrate_at_once_apply_each_script_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(bench.OpenAsync)));
        Assert.Equal("6", Run("select cast(count(*) as TEXT) from schema_script"));
    }

    /// <summary>
    /// The files as a machine would find them that went down while the log was being written, opened
    /// by a new process.
    /// </summary>
    private async Task<OwnerHead?> FindHeadAfterCrashAsync(
        OwnerHistory owner,
        ReadOnlyMemory<byte> wal
    )
    {
        var path = Path.Combine(bench.Folder, "crashed", "orchestra.db");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Copy(bench.File, path);
        await File.WriteAllBytesAsync(path + "-wal", wal.ToArray());
        using (var database = SqliteDatabase.OpenFile(path))
        {
            var store = await SqliteSyncStore.OpenAsync(database, Never);
            var head = (await store.LoadOwnerAsync(owner.Owner, Never))?.Head;
            // Refuses a gap, and a digest that is not the rows'.
            var device = new ReplayedDevice(Cursor.Start(0));
            await device.FollowAsync(store, owner.Owner);
            Assert.Equal(head?.Version ?? 0, device.Cursor.Version);
            if (head is not null)
            {
                Assert.Equal(head.Version - 1, await CountLogAsync(store, owner, head));
                var record = await store.LoadOwnerAsync(owner.Owner, Never);
                Assert.Equal(head.Version, record!.Cursors.Single().Recent.Single().Version);
            }
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
            return head;
        }
    }

    private static async Task<long> CountLogAsync(
        SqliteSyncStore store,
        OwnerHistory owner,
        OwnerHead head
    )
    {
        var since = new Cursor(head.Epoch, 1, null, null);
        var query = new ReadQuery(owner.Owner, since, 1000, Limits.FrameBytes, null);
        var page = (await store.ReadAsync(query, Never)).Page!;
        Assert.Equal(head.Version, page.To);
        return page.To - page.From;
    }

    private string? Run(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={bench.File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as string;
    }
}
