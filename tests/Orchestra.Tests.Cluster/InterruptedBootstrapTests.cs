using Microsoft.Data.Sqlite;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Processes;

namespace Orchestra.Tests.Cluster;

public class InterruptedBootstrapTests
{
    private const int Rows = 20_000;
    private static readonly Guid User = new("5eed0000-0000-4000-8000-000000000003");

    [Fact]
    public async Task A_first_download_that_is_killed_goes_on_where_it_was()
    {
        await using var silo = await SiloProcess.StartAsync();
        using var writer = await HttpDevice.ConnectAsync(silo, User);
        await writer.PushAsync(0, [Create(1)]);
        var epoch = await writer.ReadEpochAsync();
        foreach (var batch in Enumerable.Range(1, Rows).Chunk(500))
            Assert.IsType<PushedMessage>(await writer.PushAsync(epoch, [.. batch.Select(Create)]));

        using var device = await CommandLineDevice.InitAsync(silo);
        await using (var first = device.Start("login", "--user", User.ToString()))
        {
            await WaitForRowsAsync(device);
            await first.KillAsync();
        }
        var (version, floor, rows) = ReadState(device);
        Assert.NotNull(floor);
        // Rows and cursor moved together: every row up to the cursor is there, and no other.
        Assert.Equal(rows, Count(device, "1"));
        Assert.Equal(rows, Count(device, $"version <= {version}"));
        Run(device, "create table seen (version, rows)");
        Run(
            device,
            """
            create trigger seen after update of version on o_meta when new.version <> old.version
            begin insert into seen values (old.version, new.live_rows); end
            """
        );

        var said = await device.RunAsync("sync");

        Assert.Contains(said, line => line.Contains($"version {version} → {Rows + 3}"));
        // It began at the cursor, and nothing was dropped to begin anew.
        Assert.Equal(version, Read(device, "select min(version) from seen"));
        Assert.True(Read(device, "select min(rows) from seen") > rows);
        var status = await device.ReadStatusAsync();
        Assert.Equal("true", status["matches"]);
        Assert.Equal($"{Rows + 3}", status["rows"]);
    }

    private static WireChange Create(int n) =>
        new(
            n,
            new ChangeId(new Guid(n, 1, 1, new byte[8])),
            ChangeOp.Create,
            "projects",
            new Guid(n * 7919, 2, 2, new byte[8]).ToString("D"),
            Base: 0,
            Fields: new()
            {
                ["name"] = FieldValue.Text($"project {n}"),
                ["description"] = FieldValue.Text(new string('x', 200)),
            }
        );

    /// <summary>Until the first frame is in: then there are more to come.</summary>
    private static async Task WaitForRowsAsync(CommandLineDevice device)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (ReadState(device).Version == 0)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static (long Version, long? Floor, long Rows) ReadState(CommandLineDevice device)
    {
        using var connection = Open(device);
        using var command = connection.CreateCommand();
        command.CommandText = "select version, floor, live_rows from o_meta";
        using var row = command.ExecuteReader();
        row.Read();
        return (row.GetInt64(0), row.IsDBNull(1) ? null : row.GetInt64(1), row.GetInt64(2));
    }

    /// <summary>Of all tables that hold the server's rows.</summary>
    private static long Count(CommandLineDevice device, string condition)
    {
        using var connection = Open(device);
        using var names = connection.CreateCommand();
        names.CommandText =
            "select name from sqlite_schema where type = 'table' and name like 'base!_%' escape '!'";
        using var reader = names.ExecuteReader();
        var count = 0L;
        while (reader.Read())
            count += Read(
                device,
                $"select count(*) from {reader.GetString(0)} where o_present and {condition}"
            );
        return count;
    }

    private static long Read(CommandLineDevice device, string sql)
    {
        using var connection = Open(device);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static void Run(CommandLineDevice device, string sql)
    {
        using var connection = Open(device);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static SqliteConnection Open(CommandLineDevice device)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = device.Database,
                Pooling = false,
            }.ToString()
        );
        connection.Open();
        return connection;
    }
}
