using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Clusters;

namespace Orchestra.Tests.Cluster.Cluster;

/// <summary>
/// A device with the real client, whose user goes on writing whatever happens to the cluster. It
/// remembers what it wrote: all of that must be everywhere in the end.
/// </summary>
internal sealed class BusyDevice : IAsyncDisposable
{
    /// <summary>The server asked it to come back later.</summary>
    public const string Orderly = "an orderly end";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestra-");
    private readonly List<Guid> written = [];
    private readonly Random random;

    private BusyDevice(int seed) => random = new Random(seed);

    public required Guid User { get; init; }

    public OrchestraClient Client { get; private set; } = null!;

    /// <summary>Rows that only this device writes.</summary>
    public IReadOnlyList<Guid> Written => written;

    /// <summary>Why its connections ended, one reason each.</summary>
    public List<string> Reasons { get; } = [];

    public static async Task<BusyDevice> StartAsync(ProcessCluster cluster, Guid user, int seed)
    {
        var device = new BusyDevice(seed) { User = user };
        device.Client = await OrchestraClient.OpenAsync(
            new ClientOptions
            {
                Database = Path.Combine(device.folder.FullName, "device.db"),
                Server = cluster.Gateway,
                DeviceName = $"device {seed}",
                FirstRetry = TimeSpan.FromMilliseconds(100),
                LongestRetry = TimeSpan.FromSeconds(1),
                Token = (_, _) => cluster.GetTokenAsync(user),
            }
        );
        device.Client.Connection += device.Note;
        device.Client.Start();
        return device;
    }

    /// <summary>Writes until it is told to stop, once every half a second or so.</summary>
    public async Task WriteAsync(Guid shared, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(random.Next(200, 800), CancellationToken.None);
            if (random.Next(5) == 0)
                await PutAsync(shared, $"shared {written.Count}");
            else
                written.Add(await PutAsync(Guid.NewGuid(), $"own {written.Count}"));
        }
    }

    public async Task<Guid> PutAsync(Guid id, string name)
    {
        await Client.PutAsync(
            "projects",
            id,
            new Dictionary<string, FieldValue> { ["name"] = FieldValue.Text(name) }
        );
        return id;
    }

    public async Task<bool> HasAsync(Guid id) => await Client.FindAsync("projects", id) is not null;

    /// <summary>Every row as the app sees it, as text that two devices can compare.</summary>
    public async Task<string> ContentsAsync()
    {
        var rows = await Client.ListAsync("projects");
        return string.Join(
            '\n',
            rows.OrderBy(row => row.Id)
                .Select(row => $"{row.Id} {row.Version} {WireCodec.WriteFields(row.Fields)}")
        );
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private void Note(ConnectionChanged change)
    {
        if (!change.IsConnected)
            lock (Reasons)
                Reasons.Add(change.Reason?.ToString() ?? Orderly);
    }
}
