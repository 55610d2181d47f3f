using System.Diagnostics.Metrics;
using Orchestra.Gateway.Feeds;
using Orchestra.Gateway.Sockets;

namespace Orchestra.Gateway;

/// <summary>Who is connected to this process, read when somebody asks.</summary>
internal sealed class GatewayGauges
{
    public GatewayGauges(
        IMeterFactory meters,
        OpenSockets sockets,
        OwnerFeeds feeds,
        GatewayOptions options
    )
    {
        var meter = meters.Create(GatewayMeter.Name);
        meter.CreateObservableGauge(
            "orchestra.gateway.connections",
            () => sockets.Count,
            "{connection}",
            "WebSockets that are open"
        );
        meter.CreateObservableGauge(
            "orchestra.gateway.connections.limit",
            () => options.Connections.All,
            "{connection}",
            "WebSockets that there may be"
        );
        meter.CreateObservableGauge(
            "orchestra.gateway.devices",
            () => feeds.Count().Devices,
            "{device}",
            "Devices that have said hello"
        );
        meter.CreateObservableGauge(
            "orchestra.gateway.owners",
            () => feeds.Count().Owners,
            "{owner}",
            "Owners with a device here"
        );
    }
}
