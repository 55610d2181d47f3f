using Microsoft.Data.Sqlite;
using Orchestra.Cli.Doctor;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Client.Live;

public sealed class RepairCommandTests(RunningServer server)
    : IClassFixture<RunningServer>,
        IDisposable
{
    private readonly CalledCommandLine commands = new(server.Address);

    public void Dispose() => commands.Dispose();

    [Fact]
    public async Task A_reset_keeps_what_is_unsent_and_fetches_the_rest()
    {
        await BeginAsync();
        await commands.RunAsync("one", "put", "projects", "name=Gemini", "--offline");

        await commands.RunAsync("one", "reset", "--yes", "--offline");
        var left = Assert.Single(await commands.AskAsync("one", "ls", "projects"));
        await commands.RunAsync("one", "sync");

        Assert.Equal("Gemini", left["name"].AsText());
        Assert.Equal(2, (await commands.AskAsync("one", "ls", "projects")).Count);
        Assert.True((await commands.AskAsync("one", "status"))[0]["matches"].AsBoolean());
    }

    [Fact]
    public async Task A_reset_that_could_not_fetch_drops_nothing()
    {
        await BeginAsync();
        await commands.UnplugAsync("one");

        var (code, _, _) = await commands.TryAsync("one", "reset", "--yes");

        Assert.Equal(4, code);
        Assert.Single(await commands.AskAsync("one", "ls", "projects"));
    }

    [Fact]
    public async Task A_device_takes_fewer_types_and_then_all_again()
    {
        await BeginAsync();

        await commands.RunAsync("one", "scope", "tasks", "notes");
        Assert.Empty(await commands.AskAsync("one", "ls", "projects"));
        Assert.Equal("notes\ntasks", (await commands.RunAsync("one", "scope")).Trim());

        await commands.RunAsync("one", "scope", "--all");
        Assert.Single(await commands.AskAsync("one", "ls", "projects"));
    }

    [Fact]
    public async Task An_export_has_every_row_and_takes_a_file_s_place_only_when_whole()
    {
        await BeginAsync();
        await commands.RunAsync("one", "put", "projects", "name=Gemini", "--offline");
        var file = Path.Combine(commands.Folder.FullName, "export.jsonl");

        await commands.RunAsync("one", "export", "--entity", "projects", "--output", file);
        var written = await File.ReadAllTextAsync(file);
        var said = await commands.RunAsync("one", "export", "--entity", "projects");
        var (code, _, _) = await commands.TryAsync(
            "one",
            ["export", "--entity", "projcts", "--output", file]
        );

        Assert.Equal(said, written);
        var rows = CalledCommandLine.Read(written);
        Assert.Equal(2, rows.Count);
        Assert.Contains(rows, row => row["version"].AsInteger() == 0);
        Assert.All(rows, row => Assert.Equal("projects", row["entity"].AsText()));
        Assert.Equal(1, code);
        Assert.Equal(written, await File.ReadAllTextAsync(file));
        Assert.Equal([file], Directory.GetFiles(commands.Folder.FullName));
    }

    [Fact]
    public async Task A_healthy_device_passes_every_check_with_the_server_and_without()
    {
        await BeginAsync();
        var online = await ResultsAsync("doctor");
        var refused = await ResultsAsync("doctor", "--offline");
        await commands.UnplugAsync("one");
        var unplugged = await ResultsAsync("doctor");

        Assert.Equal(11, online.Count);
        Assert.All(online, found => Assert.Equal("ok", found.Value));
        string[] serverChecks = ["server", "clock", "login", "device", "copy"];
        Assert.All(online.Keys.Except(serverChecks), check => Assert.Equal("ok", refused[check]));
        Assert.All(serverChecks, check => Assert.Equal("skipped", refused[check]));
        Assert.Equal("warning", unplugged["server"]);
        Assert.All(serverChecks[1..], check => Assert.Equal("skipped", unplugged[check]));
    }

    [Theory]
    [InlineData("rows", "update base_projects set version = version + 1")]
    [InlineData("rows", "update o_meta set live_rows = live_rows + 1")]
    [InlineData("outbox", "update o_meta set last_seq = last_seq + 1")]
    [InlineData("views", "drop view notes")]
    [InlineData(
        "integrity",
        "create index broken on base_projects (name); pragma writable_schema = on;"
            + " update sqlite_schema set sql = 'create index broken on base_projects (color)'"
            + " where name = 'broken'"
    )]
    public async Task What_is_wrong_inside_is_found(string check, string damage)
    {
        await BeginAsync();
        Damage(damage);

        var (code, output, _) = await commands.TryAsync("one", "doctor", "--offline", "--json");

        Assert.Equal(1, code);
        var failed = CalledCommandLine.Read(output).Where(f => f["result"].AsText() == "failed");
        var finding = Assert.Single(failed);
        Assert.Equal(check, finding["check"].AsText());
        Assert.False(finding["cure"].IsNull);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_said_to_be_none()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(commands.Database("one"))!);
        await File.WriteAllTextAsync(commands.Database("one"), new string('x', 5_000));

        var (code, output, _) = await commands.TryAsync("one", "doctor");

        Assert.Equal(1, code);
        Assert.StartsWith("failed   file", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "ok")]
    [InlineData(-3, "warning")]
    [InlineData(3, "warning")]
    public async Task A_clock_that_is_minutes_off_is_warned_of(int minutes, string expected)
    {
        var contact = new ServerContact(
            new MovedTime(TimeProvider.System.GetUtcNow().AddMinutes(minutes))
        );

        var (_, ahead) = await contact.ReachAsync(server.Address, CancellationToken.None);

        Assert.Contains(
            $"\"result\":\"{expected}\"",
            ServerContact.Clock(ahead!.Value).ToJson(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_login_that_is_missing_is_named_with_its_cure()
    {
        await commands.PlugInAsync("one");

        var (code, output, _) = await commands.TryAsync("one", "doctor");

        Assert.Equal(1, code);
        Assert.Contains("orchestra login", output, StringComparison.Ordinal);
    }

    private async Task BeginAsync()
    {
        await commands.LogInAsync("one");
        await commands.RunAsync("one", "put", "projects", "name=Apollo");
    }

    /// <summary>Of a doctor that ends well: what each check came to.</summary>
    private async Task<Dictionary<string, string>> ResultsAsync(params string[] arguments) =>
        (await commands.AskAsync("one", arguments)).ToDictionary(
            finding => finding["check"].AsText(),
            finding => finding["result"].AsText()
        );

    private void Damage(string sql)
    {
        using var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = commands.Database("one"),
                Pooling = false,
            }.ToString()
        );
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
