using OpenTelemetry.Metrics;
using Orchestra.Grains.Interfaces;

namespace Orchestra.Silo.Overview;

/// <summary>Collects when asked, beside those that collect for others. One caller at a time.</summary>
internal sealed class ReportReader() : BaseExportingMetricReader(new ReportExporter())
{
    public IReadOnlyList<Sample> Read()
    {
        Collect();
        return ((ReportExporter)exporter).Samples;
    }
}
