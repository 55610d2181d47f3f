using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Xunit;

namespace Orchestra.Tests.Client.Live;

public sealed class CommandLineTests(RunningServer server)
    : IClassFixture<RunningServer>,
        IAsyncLifetime
{
    private const string Unknown = "00000000-0000-4000-8000-000000000001";

    private readonly CalledCommandLine commands = new(server.Address);

    private string Source => Path.Combine(commands.Folder.FullName, "source");

    public Task InitializeAsync()
    {
        WriteFile("README.md", "# Apollo");
        WriteFile("src/Program.cs", "return 0;");
        WriteFile("bin/Program.dll", "built");
        return Task.CompletedTask;
    }

    public Task DisposeAsync()
    {
        commands.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task An_import_makes_a_project_with_a_row_a_file_and_repeats_as_differences()
    {
        await LogInAsync("one");
        await RunAsync("one", "import", Source, "--project", "Apollo");
        Assert.Equal(["README.md", "src/Program.cs"], await PathsAsync("one"));

        var again = await RunAsync("one", "import", Source, "--project", "Apollo");
        Assert.Contains("0 written, 0 deleted, 2 unchanged", again, StringComparison.Ordinal);

        WriteFile("src/Program.cs", "return 1;");
        WriteFile("src/New.cs", "");
        File.Delete(Path.Combine(Source, "README.md"));
        var changed = await RunAsync("one", "import", Source, "--project", "Apollo");
        Assert.Contains("2 written, 1 deleted", changed, StringComparison.Ordinal);

        await LogInAsync("two");
        Assert.Equal(["src/New.cs", "src/Program.cs"], await PathsAsync("two"));
        var row = (await RowsAsync("two", "files")).First(r => r["path"].AsText() == "src/New.cs");
        // Of no bytes at all.
        Assert.Equal(
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            row["content_hash"].AsText()
        );
        Assert.Equal("csharp", row["language"].AsText());
    }

    [Fact]
    public async Task Two_devices_that_import_the_same_before_they_meet_make_one_project()
    {
        await LogInAsync("one");
        await LogInAsync("two");
        await RunAsync("one", "import", Source, "--project", "Apollo", "--offline");
        await RunAsync("two", "import", Source, "--project", "Apollo", "--offline");

        await RunAsync("one", "sync");
        await RunAsync("two", "sync");

        Assert.Single(await RowsAsync("two", "projects"));
        Assert.Equal(2, (await RowsAsync("two", "files")).Count);
    }

    [Fact]
    public async Task What_was_put_can_be_listed_changed_and_removed()
    {
        await LogInAsync("one");

        var id = (
            await RunAsync("one", "put", "projects", "name=Apollo", "metadata:={\"a\":1}")
        ).Trim();
        await RunAsync("one", "put", "projects", id, "color=red", "metadata:=null");
        var row = Assert.Single(await RowsAsync("one", "projects"));
        Assert.Equal("red", row["color"].AsText());
        Assert.True(row["metadata"].IsNull);

        await RunAsync("one", "rm", "projects", id);
        Assert.Empty(await RowsAsync("one", "projects"));
    }

    [Fact]
    public async Task A_setting_of_one_name_is_one_row_on_all_devices()
    {
        await LogInAsync("one");
        await LogInAsync("two");
        await RunAsync("one", "put", "settings", "name=theme", "value=\"dark\"");
        await RunAsync("two", "put", "settings", "name=theme", "value=\"light\"");

        await RunAsync("one", "sync");
        await RunAsync("two", "sync");

        var row = Assert.Single(await RowsAsync("two", "settings"));
        Assert.Equal("light", row["value"].AsText());
    }

    [Fact]
    public async Task Status_shows_that_this_copy_is_the_servers()
    {
        await LogInAsync("one");

        var status = WireCodec.ReadFields(await RunAsync("one", "status", "--json"));

        Assert.True(status["matches"].AsBoolean());
        Assert.Equal(status["server_digest"], status["digest"]);
        Assert.Equal(0, status["outbox"].AsInteger());
    }

    [Theory]
    [InlineData(2, "frobnicate")]
    [InlineData(2, "import")]
    [InlineData(2, "rm", "projects", "not-an-id")]
    [InlineData(2, "put", "projects", "no field")]
    [InlineData(2, "put", "files", "size=large")]
    [InlineData(1, "put", "projcts", "name=x")]
    [InlineData(1, "put", "projects", "nmae=x")]
    [InlineData(5, "rm", "projects", Unknown)]
    [InlineData(5, "get", "projects", Unknown)]
    [InlineData(2, "get", "projects", "not-an-id")]
    [InlineData(2, "get", "projects")]
    [InlineData(1, "get", "projcts", Unknown)]
    [InlineData(1, "export", "--entity", "projcts")]
    [InlineData(2, "scope", "projects", "--all")]
    [InlineData(1, "scope", "projcts")]
    [InlineData(5, "conflicts", "show", Unknown)]
    [InlineData(5, "conflicts", "restore", Unknown)]
    [InlineData(5, "conflicts", "dismiss", Unknown)]
    [InlineData(2, "conflicts", "restore")]
    [InlineData(5, "devices", "rename", Unknown, "laptop")]
    [InlineData(5, "devices", "revoke", Unknown, "--yes")]
    [InlineData(2, "devices", "revoke", Unknown)]
    [InlineData(2, "devices", "priority", Unknown, "high")]
    [InlineData(2, "reset")]
    public async Task A_wrong_command_says_what_is_wrong_and_leaves_with_its_code(
        int expected,
        params string[] arguments
    )
    {
        await LogInAsync("one");

        var (code, _, error) = await TryAsync("one", arguments);

        Assert.Equal(expected, code);
        Assert.NotEqual("", error.Trim());
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_command_that_ends_answers_in_JSON()
    {
        await AskAsync("init", "--server", server.Address.ToString());
        await AskAsync("login", "--user", commands.User);
        var id = (await AskAsync("put", "projects", "name=Apollo"))["id"].AsText();
        Assert.Equal("Apollo", (await AskAsync("get", "projects", id))["name"].AsText());
        Assert.Equal(2, (await AskAsync("import", Source))["written"].AsInteger());
        Assert.True((await AskAsync("sync"))["matches"].AsBoolean());
        Assert.Equal(0, (await AskAsync("status"))["conflicts"].AsInteger());
        Assert.True((await AskAsync("scope"))["entities"].IsNull);
        Assert.True((await AskAsync("devices"))["own"].AsBoolean());
        Assert.True((await AskAsync("rm", "projects", id))["sent"].AsBoolean());
        Assert.Equal(0, (await AskAsync("reset", "--yes"))["outbox"].AsInteger());
        Assert.Equal("ok", (await AskAsync("doctor"))["result"].AsText());

        async Task<IReadOnlyDictionary<string, FieldValue>> AskAsync(params string[] arguments)
        {
            return (await commands.AskAsync("one", arguments))[0];
        }
    }

    [Fact]
    public async Task Help_names_every_command_and_every_exit_code()
    {
        var help = await RunAsync("one", "--help");

        string[] all =
        [
            .. "init login status put rm ls get sync watch import conflicts".Split(' '),
            .. "devices scope export reset doctor events".Split(' '),
        ];
        Assert.All(all, command => Assert.Contains($"\n  {command} ", help));
        Assert.All(Enumerable.Range(0, 6), code => Assert.Contains($"\n  {code} ", help));
        Assert.Contains("rm <entity> <id>", await RunAsync("one", "rm", "--help"));
    }

    [Fact]
    public async Task Without_a_database_or_a_login_the_cure_is_named()
    {
        var (noDatabase, _, first) = await TryAsync("one", "sync");
        await RunAsync("one", "init", "--server", server.Address.ToString());
        var (noLogin, _, second) = await TryAsync("one", "sync");

        Assert.Equal((1, 3), (noDatabase, noLogin));
        Assert.Contains("orchestra init", first, StringComparison.Ordinal);
        Assert.Contains("orchestra login", second, StringComparison.Ordinal);
    }

    private Task LogInAsync(string device) => commands.LogInAsync(device);

    private Task<List<IReadOnlyDictionary<string, FieldValue>>> RowsAsync(
        string device,
        string entity
    ) => commands.AskAsync(device, "ls", entity);

    private async Task<IEnumerable<string>> PathsAsync(string device) =>
        (await RowsAsync(device, "files")).Select(row => row["path"].AsText()).Order();

    private Task<string> RunAsync(string device, params string[] arguments) =>
        commands.RunAsync(device, arguments);

    private Task<(int Code, string Output, string Error)> TryAsync(
        string device,
        params string[] arguments
    ) => commands.TryAsync(device, arguments);

    private void WriteFile(string path, string contents)
    {
        var file = new FileInfo(Path.Combine(Source, path));
        file.Directory!.Create();
        File.WriteAllText(file.FullName, contents);
    }
}
