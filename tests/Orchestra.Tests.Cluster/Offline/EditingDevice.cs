using System.Globalization;
using Microsoft.Data.Sqlite;
using Orchestra.TestKit.Processes;

namespace Orchestra.Tests.Cluster.Offline;

/// <summary>
/// A device whose user edits without a network, and what he was told is done. Apart from one row that
/// both devices write, each has rows of its own: whatever was acknowledged must be there in the end.
/// </summary>
internal sealed class EditingDevice(CommandLineDevice device, string name, int seed) : IDisposable
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);

    private readonly Random random = new(seed);
    private readonly ChangingFolder folder = new(seed);
    private readonly Dictionary<string, string> projects = [];
    private readonly HashSet<string> removed = [];
    private int edits;

    public CommandLineDevice Device => device;

    /// <summary>Projects of its own: id → the color it gave them last.</summary>
    public IReadOnlyDictionary<string, string> Projects => projects;

    public IReadOnlySet<string> Removed => removed;

    /// <summary>Path → hash, as of the last import that said it was done.</summary>
    public IReadOnlyDictionary<string, string> Imported { get; private set; } =
        new Dictionary<string, string>();

    /// <summary>How often a kill found changes that were sent and had no answer.</summary>
    public int KillsUnderWay { get; private set; }

    public string Tree => $"tree of {name}";

    /// <param name="shared">A row that the other device edits too.</param>
    public async Task EditAsync(string shared)
    {
        edits++;
        switch (random.Next(6))
        {
            case 0:
                await ImportAsync();
                break;
            case 1 when projects.Count > 2:
                await RemoveAsync(Pick());
                break;
            case 2 when projects.Count > 0:
                await ColorAsync(Pick());
                break;
            case 3:
                await RunAsync("put", "projects", shared, $"color={name} {edits}");
                break;
            default:
                await AddAsync();
                break;
        }
    }

    private async Task AddAsync()
    {
        var said = await RunAsync("put", "projects", $"name={name} {edits}", $"color={edits}");
        projects[said[0]] = edits.ToString(CultureInfo.InvariantCulture);
    }

    private async Task ColorAsync(string id)
    {
        await RunAsync("put", "projects", id, $"color={edits}");
        projects[id] = edits.ToString(CultureInfo.InvariantCulture);
    }

    private async Task RemoveAsync(string id)
    {
        await RunAsync("rm", "projects", id);
        projects.Remove(id);
        removed.Add(id);
    }

    private async Task ImportAsync()
    {
        folder.Change();
        var hashes = folder.Hashes;
        await RunAsync("import", folder.Path, "--project", Tree);
        Imported = hashes;
    }

    /// <summary>Starts a sync and kills it at some moment, unless it is done by then.</summary>
    /// <param name="longest">No moment is later.</param>
    /// <returns>Whether it was killed.</returns>
    public async Task<bool> CutSyncAsync(TimeSpan longest)
    {
        await using var sync = device.Start("sync");
        if (random.Next(2) == 0)
            return await KillAsync(sync, longest);
        // Most of a short sync is its start; this one is let go on until changes are on their way.
        while (!HasChangesUnderWay())
            if (await IsOverAsync(sync, Glance))
                return false;
        return await KillAsync(sync, 5 * Glance);
    }

    /// <summary>Edits beside a watch that is connected, which is then killed.</summary>
    public async Task<bool> CutWatchAsync(string shared, TimeSpan longest)
    {
        await using var watch = device.Start("watch");
        await watch.WaitForLineAsync("connected", TimeSpan.FromMinutes(1));
        await EditAsync(shared);
        return await KillAsync(watch, longest);
    }

    public void Dispose()
    {
        folder.Dispose();
        device.Dispose();
    }

    private async Task<bool> KillAsync(ChildProcess process, TimeSpan longest)
    {
        if (await IsOverAsync(process, longest * random.NextDouble()))
            return false;
        await process.KillAsync();
        // What ended by itself in this very moment was not killed.
        if (await process.WaitForExitAsync(longest) != 128 + 9)
            return false;
        if (HasChangesUnderWay())
            KillsUnderWay++;
        return true;
    }

    private static async Task<bool> IsOverAsync(ChildProcess process, TimeSpan within)
    {
        try
        {
            await process.WaitForExitAsync(within);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private bool HasChangesUnderWay()
    {
        using var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = device.Database,
                Pooling = false,
            }.ToString()
        );
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            "select exists (select 1 from o_outbox where seq is not null and status is null)";
        return (long)command.ExecuteScalar()! != 0;
    }

    private string Pick() => projects.Keys.ElementAt(random.Next(projects.Count));

    private Task<IReadOnlyList<string>> RunAsync(params string[] arguments) =>
        device.RunAsync([.. arguments, "--offline"]);
}
