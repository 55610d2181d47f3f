using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Orchestra.Database;
using Orchestra.Gateway;
using Orchestra.Grains.Measuring;
using Orchestra.Silo.Configuration;
using Orchestra.Silo.Overview;
using Orchestra.Sync.Relay;

namespace Orchestra.Silo.Hosting;

/// <summary>
/// What is measured is shown to operators and leaves by <c>/metrics</c>, and where OpenTelemetry's own
/// setting names a collector, with traces and logs, over OTLP.
/// </summary>
internal static class Telemetry
{
    /// <summary>
    /// Of one instrument. Room for all of them is taken when it is made, and for the library's own 2,000 a
    /// silo's instruments take 22 MB; the largest set of labels here, the error codes, has 35.
    /// </summary>
    private const int MaxSeries = 100;

    private const string RoundTrips = "db.client.operation.duration";

    /// <summary>Of the hundred things that Orleans and Npgsql count, those that are looked at.</summary>
    private static readonly HashSet<string> Wanted =
    [
        "orleans-app-requests-latency",
        "orleans-app-requests-timedout",
        "orleans-messaging-pings-reply-missed",
        "orleans-messaging-rejected",
        "orleans-scheduler-long-running-turns",
        RoundTrips,
        "kestrel.active_connections",
        "kestrel.rejected_connections",
    ];

    private static readonly string[] Others =
    [
        "Microsoft.Orleans",
        "Npgsql",
        "Microsoft.AspNetCore.Server.Kestrel",
    ];

    public static void AddTelemetry(this IServiceCollection services, SiloSettings settings)
    {
        var telemetry = settings.Telemetry;
        var collected = services.AddOpenTelemetry().ConfigureResource(Describe);
        collected.WithMetrics(metrics =>
        {
            metrics.AddMeter(["Orchestra.*", "System.Runtime", .. Others]);
            metrics.AddView(View);
            metrics.AddReader(services => services.GetRequiredService<ReportReader>());
            if (telemetry.Scrapers != Scrapers.None)
                metrics.AddPrometheusExporter();
        });
        if (telemetry.IsSent)
        {
            collected
                .WithTracing(traces => traces.Trace(telemetry.TraceRatio))
                .WithLogging(null, logs => logs.IncludeFormattedMessage = true)
                .UseOtlpExporter();
        }
        services.AddSingleton<HostGauges>();
        services.AddSingleton<IHealthCheckPublisher, HealthGauge>();
        services.Configure<HealthCheckPublisherOptions>(HealthGauge.Configure);
        services.AddHostedService<FirstValues>();
    }

    /// <summary>A pool of connections is called after its connection string: that stays here.</summary>
    private static MetricStreamConfiguration View(Instrument instrument) =>
        Others.Contains(instrument.Meter.Name) && !Wanted.Contains(instrument.Name)
            ? MetricStreamConfiguration.Drop
            : new MetricStreamConfiguration
            {
                CardinalityLimit = MaxSeries,
                TagKeys = instrument.Name == RoundTrips ? ["error.type"] : null,
            };

    /// <summary>The environment has the last word: <c>OTEL_SERVICE_NAME</c> and its like.</summary>
    private static void Describe(ResourceBuilder resource) =>
        resource
            .Clear()
            .AddTelemetrySdk()
            .AddService(
                "orchestra",
                serviceVersion: ProductVersion.Text,
                serviceInstanceId: $"{Environment.MachineName}:{Environment.ProcessId}"
            )
            .AddEnvironmentVariableDetector();

    private static void Trace(this TracerProviderBuilder traces, double? ratio)
    {
        traces.AddSource("Orchestra.*", "Microsoft.Orleans.Application", "Npgsql");
        traces.AddProcessor(new WithoutIds());
        // A silo keeps to what the gateway has decided.
        if (ratio is { } part)
            traces.SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(part)));
    }
}

/// <summary>
/// After the meters are listened to: what has not happened yet is 0, and the gauges are there.
/// </summary>
internal sealed class FirstValues(HostGauges gauges) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        GrainMeter.Begin();
        GatewayMeter.Begin();
        StoreMeter.Begin();
        RelayCounters.Begin();
        GC.KeepAlive(gauges);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
