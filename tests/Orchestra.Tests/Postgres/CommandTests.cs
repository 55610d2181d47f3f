using Orchestra.Sync;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Processes;
using Orchestra.TestKit.Silos;
using Orchestra.TestKit.Stores;

namespace Orchestra.Tests.Postgres;

/// <summary>The operator's commands as they are typed.</summary>
public sealed class CommandTests : IAsyncLifetime
{
    private const string Key = "Orchestra__Postgres__ConnectionString";
    private const string MaintenanceKey = "Orchestra__Postgres__MaintenanceConnectionString";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string folder = Directory.CreateTempSubdirectory("orchestra-").FullName;
    private OldHistories old = null!;
    private OwnerHistory owner = null!;

    public async Task InitializeAsync()
    {
        old = await OldHistories.CreateAsync();
        owner = await old.WriteThreeMonthsAsync();
    }

    public async Task DisposeAsync()
    {
        await old.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Maintenance_says_what_it_did_or_what_to_do()
    {
        var (code, lines) = await RunAsync("maintenance --once");
        Assert.Equal(0, code);
        Assert.Contains("sync_log_2024_01 is dropped", lines, StringComparison.Ordinal);
        Assert.Contains("3 dropped", lines, StringComparison.Ordinal);

        (code, lines) = await RunAsync("maintenance --once", maintenance: MigratedDatabase.App);
        Assert.Equal(1, code);
        Assert.Contains(
            "orchestra_app is no member of orchestra_maintenance",
            lines,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Verify_has_a_verdict_and_a_code()
    {
        Assert.Equal(
            (0, "1 owners, 6 rows, 6 log entries: all as it must be."),
            await RunAsync("verify")
        );
        await old.Database.RunAsync("update orchestra.sync_head set live_rows = 7");
        var (code, lines) = await RunAsync($"verify --owner {owner.Owner}");
        Assert.Equal(1, code);
        Assert.Contains(
            $"{owner.Owner}: live_rows is 7, but 6 rows are live",
            lines,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task An_epoch_begins_only_where_it_is_meant()
    {
        var (code, lines) = await RunAsync("epoch --bump");
        Assert.Equal(2, code);
        Assert.Contains("1 owners would begin a new epoch", lines, StringComparison.Ordinal);
        Assert.Equal(owner.Head, await old.HeadAsync(owner));

        (code, lines) = await RunAsync($"epoch --bump --owner {owner.Owner} --yes");
        Assert.Equal((0, "1 owners have begun a new epoch."), (code, lines));
        Assert.Equal(owner.Head.CommitNo + 1, (await old.HeadAsync(owner)).CommitNo);
    }

    [Fact]
    public async Task The_doctor_says_what_is_well_what_is_not_and_what_to_do()
    {
        (string, string)[] silo =
        [
            ("Orchestra__Roles", "sync"),
            ("Orchestra__Contents__Directory", Path.Combine(folder, "contents")),
            ("Orchestra__Retention__MonthsAhead", "12"),
        ];
        var (code, lines) = await RunAsync("doctor", more: silo);
        Assert.Equal(0, code);
        string[] expected =
        [
            "ok       settings     ",
            "ok       login        orchestra_app has the rights of orchestra_app",
            "ok       clock        ",
            "ok       maintenance  ",
            "ok       tables       ",
            "warning  months       the log lacks ",
            "warning  cluster      no silo of 'orchestra' is alive",
            "ok       contents     kept, read and deleted in ",
        ];
        Assert.All(expected, line => Assert.Contains(line, lines, StringComparison.Ordinal));

        (code, lines) = await RunAsync("doctor", MigratedDatabase.Maintenance, more: silo);
        Assert.Equal(1, code);
        Assert.Contains("is no member of orchestra_app", lines, StringComparison.Ordinal);

        (string, string)[] lost =
        [
            (Key, "Host=127.0.0.1;Port=1;Database=orchestra;Username=orchestra_app"),
            ("Orchestra__Redis__ConnectionString", "127.0.0.1:1"),
            ("Orchestra__Contents__Directory", "/proc/nowhere"),
        ];
        (code, lines) = await RunAsync("doctor", more: [.. silo[..1], .. lost]);
        Assert.Equal(1, code);
        Assert.Contains("failed   database     ", lines, StringComparison.Ordinal);
        Assert.Contains("failed   cluster      ", lines, StringComparison.Ordinal);
        Assert.Contains("warning  redis        ", lines, StringComparison.Ordinal);
        Assert.Contains("failed   contents     /proc/nowhere: ", lines, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", lines, StringComparison.Ordinal);

        (code, lines) = await RunAsync("doctor", more: ("Orchestra__Role", "sync"));
        Assert.Equal(1, code);
        Assert.StartsWith("failed   settings     ", lines, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("maintenance --once", "maintenance is for PostgreSQL")]
    [InlineData("verify", "verify is for PostgreSQL")]
    [InlineData("epoch --bump", "epoch is for PostgreSQL")]
    public async Task The_embedded_store_needs_none_of_it(string command, string sentence)
    {
        var (code, lines) = await RunAsync(command, app: null);
        Assert.Equal(2, code);
        Assert.Contains(sentence, lines, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sqlite", "create table projects")]
    [InlineData("postgres", "create table orchestra.projects")]
    public async Task The_schema_is_printed_in_either_dialect(string dialect, string statement)
    {
        var (code, lines) = await RunAsync($"schema --dialect {dialect}", app: null);
        Assert.Equal(0, code);
        Assert.Contains("-- 001_", lines, StringComparison.Ordinal);
        Assert.Contains(statement, lines, StringComparison.Ordinal);
        Assert.DoesNotContain("rollback.sql", lines, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_maintains_its_database_by_itself()
    {
        var settings = new Dictionary<string, string>
        {
            ["DOTNET_ENVIRONMENT"] = "Development",
            [Key] = old.Database.ConnectionString(),
            [MaintenanceKey] = old.Database.ConnectionString(MigratedDatabase.Maintenance),
            ["Orchestra__Gateway__Url"] = $"http://127.0.0.1:{SiloPorts.Next()}",
            ["Orchestra__Admin__Url"] = $"http://127.0.0.1:{SiloPorts.Next()}",
            ["Orchestra__Cluster__SiloPort"] = $"{SiloPorts.Next()}",
        };
        await using var silo = ChildProcess.Start("silo.dll", folder, settings);
        await silo.WaitForLineAsync("Maintenance: ", Patience);
        Assert.Equal(6, (await old.HeadAsync(owner)).LogHorizon);
        Assert.Equal(1L, await old.Database.RunAsync("select count(*) from orleans.reminder"));
    }

    private Task<(int Code, string Lines)> RunAsync(string command) =>
        RunAsync(command, MigratedDatabase.App);

    private async Task<(int Code, string Lines)> RunAsync(
        string command,
        string? app = MigratedDatabase.App,
        string maintenance = MigratedDatabase.Maintenance,
        params (string Name, string Value)[] more
    )
    {
        var settings = new Dictionary<string, string>();
        if (app is not null)
        {
            settings[Key] = old.Database.ConnectionString(app);
            settings[MaintenanceKey] = old.Database.ConnectionString(maintenance);
        }
        foreach (var (name, value) in more)
            settings[name] = value;
        await using var silo = ChildProcess.Start("silo.dll", folder, settings, command.Split(' '));
        var code = await silo.WaitForExitAsync(Patience);
        return (code, string.Join('\n', silo.Lines));
    }
}
