using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Processes;
using Orchestra.Tests.Client.Live;
using Orchestra.Tests.House;

namespace Orchestra.Tests.Deploy;

/// <summary>The drill of deploy/operating.md, with the scripts that operators run.</summary>
public sealed class BackupDrillTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Guid user = Guid.NewGuid();

    /// <summary>The disk that outlives the server: base backups, the log, the scripts.</summary>
    private DirectoryInfo disk = null!;
    private DirectoryInfo archive = null!;
    private PostgresServer postgres = null!;
    private MigratedDatabase database = null!;
    private RunningServer server = null!;

    public async Task InitializeAsync()
    {
        disk = new(await PostgresBinaries.Find().CreateFolderAsync());
        foreach (var script in Directory.GetFiles(Path.Combine(Repository.Root, "deploy/backup")))
            File.Copy(script, Script(Path.GetFileName(script)));
        archive = new(Path.Combine(disk.FullName, "wal"));
        postgres = await PostgresServer.StartAsync(
            ("archive_mode", "on"),
            ("archive_command", $"sh {Script("archive-wal.sh")} {archive.FullName} %p %f")
        );
        await ShAsync($"mkdir {archive.FullName} {disk.FullName}/base");
        database = await MigratedDatabase.CreateAsync(postgres);
        server = new RunningServer
        {
            Settings =
            [
                ("Orchestra:Postgres:ConnectionString", database.ConnectionString()),
                (
                    "Orchestra:Postgres:MaintenanceConnectionString",
                    database.ConnectionString(MigratedDatabase.Maintenance)
                ),
            ],
        };
        await server.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await server.DisposeAsync();
        await postgres.DisposeAsync();
        disk.Delete(recursive: true);
    }

    [Fact]
    public async Task P21_A_lost_database_comes_back_from_base_backup_and_log_and_devices_bring_the_rest()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await using var bob = await LiveDevice.OpenAsync(server, user);
        Guid[] ids = [.. Enumerable.Range(0, 6).Select(_ => Guid.NewGuid())];
        await PutAsync(ada, ids[0], "in the base backup");
        await PutAsync(ada, ids[1], "in the base backup");
        LetMinutesPass(4, ada);
        await SyncAsync(ada, bob);
        var backup = (await RunAsync("base-backup.sh", $"{disk.FullName}/base")).Trim();
        await PutAsync(bob, ids[1], "in the log");
        await PutAsync(bob, ids[2], "in the log");
        LetMinutesPass(3, bob);
        await SyncAsync(bob, ada);
        var moment = (string)(await database.RunAsync("select clock_timestamp()::text"))!;
        await PutAsync(ada, ids[3], "after the moment");
        await PutAsync(ada, ids[0], "after the moment");
        await bob.Client.DeleteAsync("projects", ids[2]);
        LetMinutesPass(2, ada, bob);
        await SyncAsync(ada, bob, ada);
        await PutAsync(bob, ids[4], "unsent");
        await PutAsync(bob, ids[3], "unsent");
        var lost = await database.RunAsync("select epoch from orchestra.sync_head");
        await ArchiveAsync();

        await server.StopAsync();
        await postgres.LoseAsync();
        await RefuseWhatIsWrongAsync(backup, moment);
        await RunAsync("restore.sh", backup, archive.FullName, postgres.Data, moment);
        await postgres.RestartAsync();
        await RunAsync("finish-restore.sh", "60");
        // It is that moment, and not a later one.
        Assert.Equal(
            "in the base backup,in the log,in the log",
            await database.RunAsync(
                "select string_agg(name, ',' order by name) from orchestra.projects where deleted_at is null"
            )
        );
        Assert.Equal((0, 0), (await SiloAsync("migrate"), await SiloAsync("verify")));
        Assert.Equal(0, await SiloAsync("epoch", "--bump", "--yes"));
        var epoch = await database.RunAsync("select epoch from orchestra.sync_head");
        Assert.NotEqual(lost, epoch);
        await server.RestartAsync();
        // A device of which nobody knew: it writes until no version tells the histories apart.
        await using var eve = await LiveDevice.OpenAsync(server, user);
        for (var i = 0; i < 5; i++)
            await PutAsync(eve, ids[5], $"since then {i}");
        await SyncAsync(eve, ada, bob, ada, eve);

        Assert.Equal(
            [
                (ids[0], "after the moment"),
                (ids[1], "in the log"),
                (ids[3], "unsent"),
                (ids[4], "unsent"),
                (ids[5], "since then 4"),
            ],
            (await ada.Client.ListAsync("projects"))
                .Select(row => (row.Id, row.Fields["name"].AsText()))
                .OrderBy(row => Array.IndexOf(ids, row.Id))
        );
        foreach (var device in new[] { ada, bob, eve })
        {
            Assert.Equal(await ada.ContentsAsync(), await device.ContentsAsync());
            var status = await device.Client.ReadStatusAsync();
            Assert.Equal((0L, 0L, epoch), (status.Outbox, status.Conflicts, status.Cursor.Epoch));
            Assert.True(status.Matches);
            // Nobody found out by chance, from the digest.
            Assert.Null(status.DifferedAt);
        }
        Assert.Equal(0, await SiloAsync("verify"));
    }

    /// <summary>What cannot be restored is said before anything is touched.</summary>
    private async Task RefuseWhatIsWrongAsync(string backup, string moment)
    {
        var (wal, data) = (archive.FullName, postgres.Data);
        await RefusesAsync("is not empty", backup, wal, disk.FullName, moment);
        await RefusesAsync("no time with a zone", backup, wal, data, "2026-11-28 04:30");
        await RefusesAsync("is no backup", wal, wal, data, moment);
        await RefusesAsync("is no folder", backup, wal + "x", data, moment);
        await ShAsync($"cp -R {backup} {backup}.bad && printf x >> {backup}.bad/global/pg_control");
        await RefusesAsync("is damaged", $"{backup}.bad", wal, data, moment);
        Assert.False(Directory.Exists(data));

        // A second server that archives to the same place.
        await ShAsync($"echo other > {disk.FullName}/other");
        var segment = archive.GetFiles()[0].Name;
        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            RunAsync("archive-wal.sh", wal, $"{disk.FullName}/other", segment)
        );
        Assert.Contains("with other bytes", fault.Message, StringComparison.Ordinal);
        await RunAsync("archive-wal.sh", wal, $"{wal}/{segment}", segment);
    }

    private string Script(string name) => Path.Combine(disk.FullName, name);

    private Task<string> RunAsync(string script, params string[] arguments) =>
        postgres.RunScriptAsync(Script(script), arguments);

    private Task<string> ShAsync(string command) => postgres.RunScriptAsync("-c", command);

    private async Task RefusesAsync(string why, params string[] arguments)
    {
        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            RunAsync("restore.sh", arguments)
        );
        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
    }

    private static Task PutAsync(LiveDevice device, Guid id, string name) =>
        device.PutAsync("projects", id, ("name", FieldValue.Text(name)));

    /// <summary>
    /// What is unsent was edited so long ago. Offers come without a base: which of two edits is the
    /// later one is known only if more is between them than a message is under way.
    /// </summary>
    private static void LetMinutesPass(int minutes, params LiveDevice[] devices)
    {
        foreach (var device in devices)
            device.Time.Advance(TimeSpan.FromMinutes(minutes));
    }

    private static async Task SyncAsync(params LiveDevice[] devices)
    {
        foreach (var device in devices)
            await device.Client.SyncAsync();
    }

    /// <summary>All that was committed so far is in the archive.</summary>
    private async Task ArchiveAsync()
    {
        var segment = (string)(await database.RunAsync("select pg_walfile_name(pg_switch_wal())"))!;
        while (!File.Exists(Path.Combine(archive.FullName, segment)))
            await Task.Delay(TimeSpan.FromMilliseconds(20));
    }

    /// <summary>A command of the server, with the logins of its role.</summary>
    /// <returns>The exit code.</returns>
    private async Task<int> SiloAsync(params string[] arguments)
    {
        var role = arguments[0] == "migrate" ? MigratedDatabase.Migrator : MigratedDatabase.App;
        await using var command = ChildProcess.Start(
            "silo.dll",
            Path.GetTempPath(),
            new Dictionary<string, string>
            {
                ["Orchestra__Postgres__ConnectionString"] = database.ConnectionString(role),
                ["Orchestra__Postgres__MaintenanceConnectionString"] = database.ConnectionString(
                    MigratedDatabase.Maintenance
                ),
            },
            arguments
        );
        return await command.WaitForExitAsync(Patience);
    }
}
