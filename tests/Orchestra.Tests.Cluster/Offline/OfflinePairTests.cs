using System.Diagnostics;
using System.Globalization;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Processes;
using Xunit.Abstractions;

namespace Orchestra.Tests.Cluster.Offline;

/// <summary>
/// Two devices edit offline, and every time one of them goes online it is killed at some moment.
/// <c>ORCHESTRA_KILLS</c> says how often, <c>ORCHESTRA_KILLS_SEED</c> with which chances.
/// </summary>
public class OfflinePairTests(ITestOutputHelper output)
{
    private static readonly Guid User = new("5eed0000-0000-4000-8000-00000000000f");

    [Fact]
    public async Task P3_two_devices_that_are_killed_with_9_while_they_sync_end_equal()
    {
        var (kills, seed) = (Setting("ORCHESTRA_KILLS", 12), Setting("ORCHESTRA_KILLS_SEED", 1));
        output.WriteLine($"ORCHESTRA_KILLS={kills} ORCHESTRA_KILLS_SEED={seed}");
        await using var silo = await SiloProcess.StartAsync();
        using var a = await BeginAsync(silo, "a", seed);
        using var b = await BeginAsync(silo, "b", seed + 1);
        var shared = (await a.Device.RunAsync("put", "projects", "name=shared"))[0];
        var clock = Stopwatch.StartNew();
        await b.Device.RunAsync("sync");
        var longest = clock.Elapsed;

        await Task.WhenAll(
            EditAndKillAsync(a, kills / 2, shared, longest, seed + 2),
            EditAndKillAsync(b, kills - kills / 2, shared, longest, seed + 3)
        );
        output.WriteLine(
            $"{kills} kills within {clock.Elapsed.TotalSeconds:0} s, "
                + $"{a.KillsUnderWay + b.KillsUnderWay} of them with changes under way"
        );

        EditingDevice[] order = seed % 2 == 0 ? [a, b] : [b, a];
        foreach (var device in order.Concat(order))
            await device.Device.RunAsync("sync");
        await ExpectEqualAsync(a.Device, b.Device);
        var rows = await ExportAsync(b.Device);
        ExpectAcknowledged(a, rows);
        ExpectAcknowledged(b, rows);
        foreach (var device in order)
            await device.Device.RunAsync("doctor");
    }

    private static async Task<EditingDevice> BeginAsync(SiloProcess silo, string name, int seed) =>
        new(await CommandLineDevice.CreateAsync(silo, User), name, seed);

    private static async Task EditAndKillAsync(
        EditingDevice device,
        int kills,
        string shared,
        TimeSpan longest,
        int seed
    )
    {
        var random = new Random(seed);
        while (kills > 0)
        {
            for (var edits = random.Next(1, 4); edits > 0; edits--)
                await device.EditAsync(shared);
            var isKilled =
                random.Next(3) == 0
                    ? await device.CutWatchAsync(shared, longest / 2)
                    : await device.CutSyncAsync(longest);
            if (isKilled)
                kills--;
        }
    }

    private static async Task ExpectEqualAsync(CommandLineDevice a, CommandLineDevice b)
    {
        var (left, right) = (await a.ReadStatusAsync(), await b.ReadStatusAsync());
        foreach (var line in new[] { "version", "digest", "rows", "server_digest", "outbox" })
            Assert.Equal((line, left[line]), (line, right[line]));
        Assert.Equal(("true", "0"), (left["matches"], left["outbox"]));
        Assert.Equal(await a.RunAsync("export"), await b.RunAsync("export"));
    }

    private static void ExpectAcknowledged(EditingDevice device, IReadOnlyList<Exported> rows)
    {
        var projects = rows.Where(row => row.Entity == "projects").ToDictionary(row => row.Id);
        foreach (var (id, color) in device.Projects)
            Assert.Equal((id, color), (id, projects[id].Fields["color"].AsText()));
        Assert.DoesNotContain(device.Removed, projects.ContainsKey);
        var tree = projects.Values.SingleOrDefault(row =>
            row.Fields["name"].AsText() == device.Tree
        );
        var files = rows.Where(row =>
            row.Entity == "files" && row.Fields["project_id"].AsText() == tree?.Id
        );
        Assert.Equal(
            device.Imported.OrderBy(file => file.Key, StringComparer.Ordinal),
            files
                .Select(row =>
                    KeyValuePair.Create(
                        row.Fields["path"].AsText(),
                        row.Fields["content_hash"].AsText()
                    )
                )
                .OrderBy(file => file.Key, StringComparer.Ordinal)
        );
    }

    private static async Task<IReadOnlyList<Exported>> ExportAsync(CommandLineDevice device) =>
        [
            .. (await device.RunAsync("export"))
                .Select(WireCodec.ReadFields)
                .Select(row => new Exported(
                    row["entity"].AsText(),
                    row["id"].AsText(),
                    WireCodec.ReadFields(row["fields"].AsText())
                )),
        ];

    private static int Setting(string name, int usual) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : usual;

    private sealed record Exported(
        string Entity,
        string Id,
        IReadOnlyDictionary<string, FieldValue> Fields
    );
}
