using System.Globalization;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Orchestra.Grains.Interfaces;

namespace Orchestra.Silo.Overview;

/// <summary>What the process has counted and measured, as samples. Only what is Orchestra's own.</summary>
internal sealed class ReportExporter : BaseExporter<Metric>
{
    private const string Own = "Orchestra.";

    /// <summary>Of the last collection.</summary>
    public IReadOnlyList<Sample> Samples { get; private set; } = [];

    public override ExportResult Export(in Batch<Metric> batch)
    {
        var samples = new List<Sample>();
        foreach (var metric in batch)
            if (metric.MeterName.StartsWith(Own, StringComparison.Ordinal))
                foreach (ref readonly var point in metric.GetMetricPoints())
                    Add(samples, metric, point);
        Samples = samples;
        return ExportResult.Success;
    }

    private static void Add(List<Sample> samples, Metric metric, in MetricPoint point)
    {
        var name = metric.Name;
        foreach (var tag in point.Tags)
            name += $"|{tag.Value}";
        switch (metric.MetricType)
        {
            case MetricType.LongSum:
                AddCounted(samples, name, point.GetSumLong());
                break;
            case MetricType.LongSumNonMonotonic:
                samples.Add(new(name, point.GetSumLong(), IsTotal: false));
                break;
            case MetricType.LongGauge:
                samples.Add(new(name, point.GetGaugeLastValueLong(), IsTotal: false));
                break;
            case MetricType.Histogram:
                foreach (var bucket in point.GetHistogramBuckets())
                    AddCounted(
                        samples,
                        $"{name}|{NameOf(bucket.ExplicitBound)}",
                        bucket.BucketCount
                    );
                break;
            default:
                throw new NotSupportedException($"{metric.Name} is a {metric.MetricType}");
        }
    }

    private static string NameOf(double bound) =>
        double.IsInfinity(bound) ? "inf" : bound.ToString(CultureInfo.InvariantCulture);

    /// <summary>Most errors have never happened.</summary>
    private static void AddCounted(List<Sample> samples, string name, long count)
    {
        if (count > 0)
            samples.Add(new(name, count, IsTotal: true));
    }
}
