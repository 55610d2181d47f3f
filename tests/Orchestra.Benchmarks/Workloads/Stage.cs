using System.Globalization;
using System.Net.Http.Json;
using Orchestra.Benchmarks.Workloads.Bare;
using Orchestra.Benchmarks.Workloads.Devices;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Processes;
using Orchestra.TestKit.Silos;

namespace Orchestra.Benchmarks.Workloads;

/// <summary>
/// The server as a process of its own on a PostgreSQL of its own, which has a second database of the
/// same tables for the limits; and a bare Kestrel.
/// </summary>
internal sealed class Stage : IAsyncDisposable
{
    /// <summary>Enough for a frame's beginning and most frames' end.</summary>
    public const int DeviceBuffer = 16 * 1024;

    /// <summary>
    /// What is bounded per owner or address in production, where nobody pushes as one machine does here.
    /// </summary>
    private static readonly (string, string)[] NoQuotas =
    [
        ("Orchestra__Gateway__RequestsPerSecond", "0"),
        ("Orchestra__Gateway__MessagesPerSecond", "0"),
        ("Orchestra__Gateway__MaxHttpConnections", "20000"),
        ("Logging__LogLevel__Default", "Warning"),
    ];

    /// <summary>
    /// So that a process' memory is what it keeps and not what its collector lets lie: 4 MB (in
    /// hexadecimal, as the runtime wants it) for what is young, one heap.
    /// </summary>
    public static readonly (string, string)[] SmallNursery =
    [
        ("DOTNET_gcServer", "0"),
        ("DOTNET_GCgen0size", "400000"),
    ];

    private const int WarmingDevices = 64;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly HttpClient http = new();
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestra-");

    private Stage(PostgresServer postgres, MigratedDatabase product, MigratedDatabase bare) =>
        (Postgres, Product, Bare) = (postgres, product, bare);

    public PostgresServer Postgres { get; }

    public MigratedDatabase Product { get; }

    public MigratedDatabase Bare { get; }

    public SiloProcess Silo { get; private set; } = null!;

    public ChildProcess Kestrel { get; private set; } = null!;

    public Uri KestrelAddress { get; private set; } = null!;

    /// <param name="environment">Variables of both, besides the usual.</param>
    public static async Task<Stage> OpenAsync(params (string Name, string Value)[] environment)
    {
        var postgres = await PostgresServer.StartAsync(
            ("max_connections", "200"),
            ("shared_buffers", "1GB"),
            ("max_wal_size", "8GB")
        );
        var stage = new Stage(
            postgres,
            await MigratedDatabase.CreateAsync(postgres),
            await MigratedDatabase.CreateAsync(postgres)
        );
        try
        {
            stage.Silo = await StartSiloAsync(stage.Product, environment);
            await stage.StartKestrelAsync(environment);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    public static Task<SiloProcess> StartSiloAsync(
        MigratedDatabase database,
        params (string Name, string Value)[] environment
    ) =>
        SiloProcess.StartAsync([
            ("Orchestra__Postgres__ConnectionString", database.ConnectionString()),
            .. NoQuotas,
            .. environment,
        ]);

    /// <summary>Connects a device of an owner, to the silo if nothing else is said.</summary>
    public async Task<LoadDevice> ConnectAsync(
        OwnerId owner,
        CancellationToken cancel,
        WireCursor? cursor = null,
        SiloProcess? silo = null
    ) =>
        await LoadDevice.ConnectAsync(
            (silo ?? Silo).Gateway,
            await TokenAsync(owner, cancel, silo),
            owner,
            cursor,
            DeviceBuffer,
            cancel
        );

    /// <summary>Many devices, each of an owner of its own.</summary>
    public async Task<IReadOnlyList<LoadDevice>> ConnectManyAsync(
        int count,
        CancellationToken cancel,
        SiloProcess? silo = null
    )
    {
        var devices = new LoadDevice[count];
        await Parallel.ForAsync(
            0,
            count,
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancel },
            async (i, token) => devices[i] = await ConnectAsync(NewOwner(), token, silo: silo)
        );
        return devices;
    }

    public static OwnerId NewOwner() => new(Guid.NewGuid());

    public async Task<string> TokenAsync(
        OwnerId owner,
        CancellationToken cancel,
        SiloProcess? silo = null
    )
    {
        var answer = await http.PostAsJsonAsync(
            new Uri((silo ?? Silo).Gateway, "/dev/token"),
            new { user = owner.Value },
            cancel
        );
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<DevToken>(cancel))!.Token;
    }

    /// <summary>Until the compiler has done with what runs often, or it would be measured too.</summary>
    public async Task WarmUpAsync(CancellationToken cancel)
    {
        foreach (var changes in new[] { 100, 1, 100, 1 })
        {
            var devices = await ConnectManyAsync(WarmingDevices, cancel);
            await Ingest.PushAsync(
                this,
                [.. devices.Select(device => new Pusher(device, changes))],
                WarmUp,
                cancel
            );
            foreach (var device in devices)
                device.Dispose();
        }
    }

    /// <summary>Runs something and says who took the processor time.</summary>
    public async Task<(T Result, Processors Processors)> WatchAsync<T>(Func<Task<T>> work)
    {
        var before = ReadProcessors();
        var result = await work();
        var took = ReadProcessors().Zip(before, (after, before) => after - before).ToList();
        var all = took.Aggregate((sum, one) => sum + one);
        return (result, new(took[0] / all, took[1] / all, took[2] / all));
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (Silo is not null)
            await Silo.DisposeAsync();
        if (Kestrel is not null)
            await Kestrel.DisposeAsync();
        await Postgres.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private async Task StartKestrelAsync((string Name, string Value)[] environment)
    {
        KestrelAddress = new Uri($"http://127.0.0.1:{SiloPorts.Next()}");
        Kestrel = ChildProcess.Start(
            "Orchestra.Benchmarks.dll",
            folder.FullName,
            environment.ToDictionary(pair => pair.Name, pair => pair.Value),
            EchoCommand.Name,
            KestrelAddress.ToString()
        );
        await Kestrel.WaitForLineAsync("listening", StartPatience);
    }

    private List<TimeSpan> ReadProcessors()
    {
        var postmaster = int.Parse(
            File.ReadLines(Path.Combine(Postgres.Data, "postmaster.pid")).First(),
            CultureInfo.InvariantCulture
        );
        return
        [
            ProcessorTime.Of(Environment.ProcessId),
            ProcessorTime.Of(Silo.Id),
            ProcessorTime.OfTree(postmaster),
        ];
    }

    private sealed record DevToken(string Token);
}
