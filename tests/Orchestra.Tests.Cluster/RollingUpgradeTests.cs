using Npgsql;
using Orchestra.Client;
using Orchestra.Database.Postgres;
using Orchestra.Database.Schema;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Processes;
using Xunit.Abstractions;

namespace Orchestra.Tests.Cluster;

/// <summary>
/// The upgrade of deploy/operating.md: tables first, then silo after silo, then what nobody needs any
/// more; devices write all the while. It begins with the published build that <c>ORCHESTRA_TEST_PREVIOUS</c>
/// names, which <c>test.sh</c> has from tests/previous-build.sh: the last release, or, where there is
/// none, this version under another number. Without it silos are replaced by their like, and only the
/// tables are others. The output says which it was.
/// </summary>
public sealed class RollingUpgradeTests(ITestOutputHelper output) : IDisposable
{
    private const string Variable = "ORCHESTRA_TEST_PREVIOUS";
    private const string Color = "color";
    private const string Shade = "shade";

    /// <summary>A wait that takes longer fails, with what devices and silos say.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>A type and a field more; the field takes the place of another.</summary>
    private static readonly Migration Expand = new(
        new SqlScript(
            "901_expand.sql",
            """
            create table orchestra.dreams (like orchestra.sync_row including comments, title varchar(99));
            call orchestra.sync_table('dreams');
            alter table orchestra.projects add shade varchar(30);
            """
        ),
        null
    );

    private static readonly Migration Contract = new(
        new SqlScript("902_contract.sql", "alter table orchestra.projects drop color;"),
        null
    );

    private readonly DirectoryInfo devices = Directory.CreateTempSubdirectory("orchestra-");
    private readonly Guid user = Guid.NewGuid();

    public void Dispose() => devices.Delete(recursive: true);

    [Fact]
    public async Task P17_silos_of_the_build_before_serve_beside_newer_tables_and_are_replaced_one_by_one()
    {
        var database = await MigratedDatabase.CreateAsync();
        var before = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } set
            ? set
            : null;
        var starting = new[] { StartAsync(database, before), StartAsync(database, before) };
        await using var first = await starting[0];
        await using var second = await starting[1];
        output.WriteLine($"From {first.Lines[0]}, {before ?? "the build beside the tests"}");
        await using var ada = await OpenAsync(first, "ada");
        await using var bob = await OpenAsync(second, "bob");
        var pair = new Pair(ada, bob, [first, second]);
        await pair.WriteAsync(Color);

        await MigrateAsync(database, Expand);
        await pair.WriteAsync(Color);
        foreach (var silo in pair.Silos)
        {
            Assert.Equal(0, await silo.StopAsync());
            silo.Program = SiloProcess.Own;
            var away = pair.WriteAsync(Color);
            await silo.RestartAsync();
            await away;
            // The device here knows the new field, and its owner's grain may be on an old silo.
            await pair.WriteAsync(Color);
        }
        output.WriteLine($"To {first.Lines[0]}");
        await PutAsync(ada, "dreams", "title", "new");
        await pair.WriteAsync(Shade);

        await MigrateAsync(database, Contract);
        var meanwhile = pair.WriteAsync(Shade);
        // Their statements name every column that they found at their start.
        await pair.WaitAsync(() =>
            Task.FromResult(pair.HasLogged(PostgresErrorCodes.UndefinedColumn))
        );
        Assert.False(pair.HasLogged("CodecNotFoundException"), "A fault did not cross silos");
        await Task.WhenAll(pair.Silos.Select(silo => silo.StopAsync()));
        await Task.WhenAll(pair.Silos.Select(silo => silo.RestartAsync()));
        await meanwhile;
        await pair.WriteAsync(Shade);

        await pair.RequireEqualAsync();
        Assert.Single(await bob.ListAsync("dreams"));
        var (code, lines) = await first.RunAsync("verify");
        Assert.True(code == 0, string.Join('\n', lines));
    }

    private static Task<SiloProcess> StartAsync(MigratedDatabase database, string? build) =>
        SiloProcess.StartAsync(
            Directory.CreateTempSubdirectory("orchestra-silo-").FullName,
            build is null ? SiloProcess.Own : Path.Combine(build, SiloProcess.Own),
            [("Orchestra__Postgres__ConnectionString", database.ConnectionString())]
        );

    private static Task MigrateAsync(MigratedDatabase database, Migration more) =>
        new PostgresSchema(
            database.ConnectionString(MigratedDatabase.Migrator),
            more == Expand ? [Expand] : [Expand, more]
        ).MigrateAsync(null, new Progress<MigrationNews>(), CancellationToken.None);

    private async Task<OrchestraClient> OpenAsync(SiloProcess silo, string name)
    {
        var device = await OrchestraClient.OpenAsync(
            new ClientOptions
            {
                Database = Path.Combine(devices.FullName, $"{name}.db"),
                Server = silo.Gateway,
                DeviceName = name,
                FirstRetry = TimeSpan.FromMilliseconds(100),
                LongestRetry = TimeSpan.FromSeconds(1),
                Token = (_, _) => silo.GetTokenAsync(user),
            }
        );
        device.Start();
        return device;
    }

    private static async Task<Guid> PutAsync(
        OrchestraClient device,
        string entity,
        string field,
        string value
    )
    {
        var id = Guid.NewGuid();
        var fields = new Dictionary<string, FieldValue> { [field] = FieldValue.Text(value) };
        if (entity == "projects")
            fields["name"] = FieldValue.Text(value);
        await device.PutAsync(entity, id, fields);
        return id;
    }

    /// <summary>Two devices of a user, each at a silo of its own.</summary>
    private sealed class Pair(
        OrchestraClient ada,
        OrchestraClient bob,
        IReadOnlyList<SiloProcess> silos
    )
    {
        private int written;

        public IReadOnlyList<SiloProcess> Silos => silos;

        /// <summary>Each writes a row, and both wait until they have the other's.</summary>
        public async Task WriteAsync(string field)
        {
            var a = await PutAsync(ada, "projects", field, "red");
            var b = await PutAsync(bob, "projects", "name", "bob's");
            written += 2;
            await WaitAsync(async () =>
                await bob.FindAsync("projects", a) is not null
                && await ada.FindAsync("projects", b) is not null
            );
        }

        public async Task RequireEqualAsync()
        {
            await WaitAsync(async () =>
                (await ada.ReadStatusAsync()).Outbox + (await bob.ReadStatusAsync()).Outbox == 0
            );
            using var limit = new CancellationTokenSource(Patience);
            Assert.True(await ada.VerifyAsync(limit.Token), await DescribeAsync());
            Assert.True(await bob.VerifyAsync(limit.Token), await DescribeAsync());
            Assert.Equal(written, (await ada.ListAsync("projects")).Count);
            Assert.Equal(await ContentsAsync(ada), await ContentsAsync(bob));
            Assert.Equal(0, await ada.Conflicts.CountAsync() + await bob.Conflicts.CountAsync());
        }

        public bool HasLogged(string text) =>
            silos.Any(silo =>
                silo.Lines.Any(line => line.Contains(text, StringComparison.Ordinal))
            );

        /// <exception cref="TimeoutException">With what devices and silos say.</exception>
        public async Task WaitAsync(Func<Task<bool>> isDone)
        {
            using var limit = new CancellationTokenSource(Patience);
            while (!await isDone())
            {
                if (limit.IsCancellationRequested)
                    throw new TimeoutException(await DescribeAsync());
                await Task.Delay(TimeSpan.FromMilliseconds(50), CancellationToken.None);
            }
        }

        private async Task<string> DescribeAsync()
        {
            var lines = new List<string> { $"{written} rows were written" };
            foreach (var device in new[] { ada, bob })
            {
                lines.Add($"{device.Status}");
                lines.AddRange((await device.Conflicts.ListAsync()).Select(lost => $"{lost}"));
            }
            return string.Join('\n', [.. lines, .. silos.SelectMany(silo => silo.Lines)]);
        }

        private static async Task<string> ContentsAsync(OrchestraClient device) =>
            string.Join(
                '\n',
                (await device.ListAsync("projects"))
                    .OrderBy(row => row.Id)
                    .Select(row => $"{row.Id} {row.Version} {WireCodec.WriteFields(row.Fields)}")
            );
    }
}
