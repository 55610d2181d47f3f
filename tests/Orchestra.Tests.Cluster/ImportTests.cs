using Orchestra.TestKit.Processes;

namespace Orchestra.Tests.Cluster;

/// <summary>The main job, with real processes: a folder on one device, complete on another.</summary>
public class ImportTests
{
    private static readonly Guid User = new("5eed0000-0000-4000-8000-000000000001");

    [Fact]
    public async Task A_folder_imported_on_one_device_is_complete_on_another_that_then_sees_each_put()
    {
        await using var silo = await SiloProcess.StartAsync();
        using var source = new SourceFolder(files: 1_200);
        using var a = await CommandLineDevice.CreateAsync(silo, User);
        using var b = await CommandLineDevice.CreateAsync(silo, User);

        await a.RunAsync("import", source.Path, "--project", "tree", "--no-contents");
        await b.RunAsync("sync");
        await a.RunAsync("sync");
        await ExpectSameAsync(a, b);
        Assert.Equal(source.Hashes, await ReadFilesAsync(b));

        await using var watch = b.Start("watch");
        await watch.WaitForLineAsync("connected", TimeSpan.FromSeconds(30));
        foreach (var name in new[] { "Apollo", "Gemini" })
        {
            await a.RunAsync("put", "projects", $"name={name}");
            await watch.WaitForLineAsync($"name={name}", TimeSpan.FromSeconds(30));
        }
    }

    [Fact]
    public async Task P3_an_import_survives_kill_9_of_the_server_and_nothing_is_lost_or_doubled()
    {
        await using var silo = await SiloProcess.StartAsync();
        using var source = new SourceFolder(files: 6_000);
        using var a = await CommandLineDevice.CreateAsync(silo, User);
        await using var import = a.Start(
            "import",
            source.Path,
            "--project",
            "tree",
            "--no-contents"
        );
        var before = await WaitForVersionAsync(silo, above: 700);
        await silo.KillAsync();
        // The fault took effect: the import was under way, and notices.
        Assert.InRange(before, 700, 5_999);
        await import.WaitForLineAsync("trying again", TimeSpan.FromSeconds(30));
        await silo.RestartAsync();

        Assert.Equal(0, await import.WaitForExitAsync(TimeSpan.FromMinutes(2)));
        using var b = await CommandLineDevice.CreateAsync(silo, User);
        await b.RunAsync("sync");
        await a.RunAsync("sync");
        await ExpectSameAsync(a, b);
        Assert.Equal(source.Hashes, await ReadFilesAsync(b));
        var head = long.Parse((await b.ReadStatusAsync())["version"]);
        Assert.Equal(
            Enumerable.Range(2, (int)head - 1).Select(i => (long)i),
            await ReadVersionsAsync(silo)
        );
    }

    private static async Task ExpectSameAsync(CommandLineDevice a, CommandLineDevice b)
    {
        var (left, right) = (await a.ReadStatusAsync(), await b.ReadStatusAsync());
        foreach (
            var line in new[] { "version", "digest", "rows", "server_digest", "matches", "outbox" }
        )
            Assert.Equal((line, left[line]), (line, right[line]));
        Assert.Equal(("true", "0"), (left["matches"], left["outbox"]));
    }

    private static async Task<Dictionary<string, string>> ReadFilesAsync(CommandLineDevice device)
    {
        var lines = await device.RunAsync("ls", "files");
        var names = lines[0].Split('\t').ToList();
        var (path, hash) = (names.IndexOf("path"), names.IndexOf("content_hash"));
        return lines
            .Skip(1)
            .Select(line => line.Split('\t'))
            .ToDictionary(c => c[path], c => c[hash]);
    }

    /// <summary>Follows the log until it is as far as that.</summary>
    private static async Task<long> WaitForVersionAsync(SiloProcess silo, long above)
    {
        using var http = await HttpDevice.ConnectAsync(silo, User);
        var epoch = await http.ReadEpochAsync();
        var since = 1L;
        while (since <= above)
        {
            // Not more often than an owner may ask.
            await Task.Delay(TimeSpan.FromMilliseconds(20));
            since = (await http.ReadPageAsync($"since={since}&epoch={epoch}")).To;
        }
        return since;
    }

    /// <summary>Every version the log has after the first.</summary>
    private static async Task<List<long>> ReadVersionsAsync(SiloProcess silo)
    {
        using var http = await HttpDevice.ConnectAsync(silo, User);
        var epoch = await http.ReadEpochAsync();
        var versions = new List<long>();
        for (var since = 1L; ; )
        {
            var page = await http.ReadPageAsync($"since={since}&epoch={epoch}");
            versions.AddRange(page.Changes.Select(entry => entry.Version));
            since = page.To;
            if (!page.More)
                return versions;
        }
    }
}
