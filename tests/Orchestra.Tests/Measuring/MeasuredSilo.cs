using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Processes;
using Orchestra.TestKit.Redis;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Measuring;

/// <summary>
/// A silo as it runs in production, with a database and a Redis that tests may break, and a collector
/// that it sends everything to. Some devices have written.
/// </summary>
public sealed class MeasuredSilo : IAsyncLifetime
{
    /// <summary>The exporter's 300 ms, and a little more.</summary>
    private static readonly TimeSpan Repeated = TimeSpan.FromMilliseconds(350);

    private PostgresServer? postgres;
    private RedisServer? redis;
    private OtlpReceiver? collector;
    private SiloProcess? silo;

    public PostgresServer Postgres => postgres!;

    public RedisServer Redis => redis!;

    public SiloProcess Silo => silo!;

    internal OtlpReceiver Collector => collector!;

    public async Task InitializeAsync()
    {
        postgres = await PostgresServer.StartAsync();
        var database = await MigratedDatabase.CreateAsync(postgres);
        redis = await RedisServer.StartAsync();
        collector = await OtlpReceiver.StartAsync();
        silo = await SiloProcess.StartAsync(
            ("Orchestra__Postgres__ConnectionString", database.ConnectionString()),
            (
                "Orchestra__Postgres__MaintenanceConnectionString",
                database.ConnectionString(MigratedDatabase.Maintenance)
            ),
            ("Orchestra__Redis__ConnectionString", redis.ConnectionString),
            ("Orchestra__Telemetry__TraceRatio", "1"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_BSP_SCHEDULE_DELAY", "200"),
            ("OTEL_BLRP_SCHEDULE_DELAY", "200"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "1000")
        );
        await WriteAsync();
    }

    public async Task DisposeAsync()
    {
        if (silo is not null)
            await silo.DisposeAsync();
        if (collector is not null)
            await collector.DisposeAsync();
        if (redis is not null)
            await redis.DisposeAsync();
        if (postgres is not null)
            await postgres.DisposeAsync();
    }

    internal async Task<Scrape> ScrapeAsync()
    {
        // Sooner than this the exporter tells again what it told before.
        await Task.Delay(Repeated);
        using var http = new HttpClient { BaseAddress = Silo.Admin };
        return new(await http.GetStringAsync("/metrics"));
    }

    /// <summary>Scrapes until something is there to be seen, as Prometheus would in the end.</summary>
    internal async Task<Scrape> ScrapeUntilAsync(Func<Scrape, bool> isSeen)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            var scrape = await ScrapeAsync();
            if (isSeen(scrape))
                return scrape;
            if (patience.IsCancellationRequested)
                throw new TimeoutException($"It is not seen:\n{scrape.Text}");
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>A device that has written and acknowledged, and stays.</summary>
    internal async Task<RawDevice> ConnectAsync()
    {
        var owner = SharedServer.NewOwner();
        var token = await Silo.GetTokenAsync(owner.Value);
        var device = await RawDevice.ConnectAsync(Silo.Gateway, token, owner);
        var version = (await device.PushAsync(Edits.Project()))[0].Version!.Value;
        await device.ReadUntilAsync(version);
        return device;
    }

    private async Task WriteAsync()
    {
        await using var device = await ConnectAsync();
        await device.PushAsync(Edits.Create("nothing", Guid.NewGuid()));
        await ScrapeUntilAsync(scrape =>
            scrape.Names.Contains("orchestra_store_size_bytes")
            && scrape.Sum("orchestra_gateway_device_lag_count") > 0
            && scrape.Sum("orchestra_health", "check", "cluster") == 1
        );
    }
}
