using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Tests.Client.Live;

/// <summary>A device of a user, with a real database and a real connection.</summary>
internal sealed class LiveDevice : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestra-");

    private LiveDevice(OrchestraClient client) => Client = client;

    public OrchestraClient Client { get; private set; }

    public AdvancingTime Time { get; } = new();

    public string Database => Path.Combine(folder.FullName, "device.db");

    /// <param name="server">Whose users it belongs to.</param>
    /// <param name="user">Whose device it is.</param>
    /// <param name="by">Where to connect, if not straight to the server.</param>
    /// <param name="contents">How it treats the contents of files; null = as usual.</param>
    /// <param name="retries">How often it tries in vain.</param>
    public static async Task<LiveDevice> OpenAsync(
        RunningServer server,
        Guid user,
        Uri? by = null,
        ContentOptions? contents = null,
        int retries = 40
    )
    {
        var device = new LiveDevice(null!);
        device.Client = await device.OpenClientAsync(server, user, by, contents, retries);
        return device;
    }

    /// <summary>Another program on the same database.</summary>
    public Task<OrchestraClient> OpenClientAsync(
        RunningServer server,
        Guid user,
        Uri? by = null,
        ContentOptions? contents = null,
        int retries = 40
    ) =>
        OrchestraClient.OpenAsync(
            new ClientOptions
            {
                Database = Database,
                Server = by ?? server.Address,
                DeviceName = "test",
                FirstRetry = TimeSpan.FromMilliseconds(20),
                LongestRetry = TimeSpan.FromMilliseconds(500),
                SyncRetries = retries,
                Contents = contents ?? new(),
                Time = Time,
                Token = (_, _) => server.TokenAsync(user),
            }
        );

    /// <summary>As a restored backup of a disk, or a cloned machine, does.</summary>
    public async Task CopyFromAsync(LiveDevice original, RunningServer server, Guid user)
    {
        await Client.DisposeAsync();
        foreach (var file in folder.GetFiles())
            file.Delete();
        await using (var reader = original.Client.OpenReader())
        {
            await using var copy = reader.CreateCommand();
            copy.CommandText = "vacuum into $path";
            copy.Parameters.AddWithValue("$path", Database);
            await copy.ExecuteNonQueryAsync();
        }
        Client = await OpenClientAsync(server, user);
    }

    public Task PutAsync(string entity, Guid id, params (string Name, FieldValue Value)[] fields) =>
        Client.PutAsync(entity, id, fields.ToDictionary(f => f.Name, f => f.Value));

    public async Task<FieldValue> SeeAsync(string entity, Guid id, string field) =>
        (await Client.FindAsync(entity, id))![field];

    /// <summary>Everything the app sees, as text that two devices can compare.</summary>
    public async Task<string> ContentsAsync()
    {
        var types = (await Client.ReadCatalogAsync()).Types;
        var lines = new List<string>();
        foreach (var type in types)
        foreach (var row in await Client.ListAsync(type.Name))
            lines.Add($"{type.Name} {row.Id} {row.Version} {WireCodec.WriteFields(row.Fields)}");
        return string.Join('\n', lines);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
