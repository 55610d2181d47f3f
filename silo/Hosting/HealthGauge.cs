using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orchestra.Sync;

namespace Orchestra.Silo.Hosting;

/// <summary>
/// What <c>/health/ready</c> would say, as a number for each check, so that nobody has to ask for it.
/// </summary>
internal sealed class HealthGauge : IHealthCheckPublisher
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private volatile HealthReport? last;

    public HealthGauge(IMeterFactory meters) =>
        meters
            .Create("Orchestra.Silo")
            .CreateObservableGauge(
                "orchestra.health",
                Read,
                description: "Whether all is well with something that the process needs"
            );

    public static void Configure(HealthCheckPublisherOptions options) =>
        (options.Delay, options.Period, options.Timeout) = (
            TimeSpan.FromSeconds(1),
            Period,
            Period
        );

    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        last = report;
        return Task.CompletedTask;
    }

    private IEnumerable<Measurement<int>> Read() =>
        last is { } report
            ? report.Entries.Select(entry => new Measurement<int>(
                entry.Value.Status == HealthStatus.Healthy ? 1 : 0,
                MeterTag.Of("check", entry.Key)
            ))
            : [];
}
