using Orchestra.Client.Connection;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Simulation.Machine;
using Orchestra.TestKit.Simulation.Server;

namespace Orchestra.TestKit.Simulation.Network;

/// <summary>How one run of a device's program reaches the server: any silo, if there is a way.</summary>
internal sealed class SimulatedTransport(
    World world,
    Cluster cluster,
    Lane device,
    OwnerId owner,
    Func<bool> isReachable,
    Action<ClientMessage> sent,
    Action<ServerMessage> received
) : ISyncTransport
{
    private readonly List<Link> links = [];

    public async Task<IMessageChannel> ConnectAsync(
        Uri server,
        string token,
        CancellationToken cancel
    )
    {
        await Task.Delay(
            cluster.Weather.Delay(),
            new LaneTime(world, device, () => TimeSpan.Zero),
            cancel
        );
        if (!isReachable())
            throw new IOException("The server cannot be reached");
        var link = new Link(world, cluster.Weather);
        links.Add(link);
        device.WhenKilled(link.Break);
        world.Pick(cluster.Silos).Accept(link, owner);
        return new ClientChannel(link, sent, received);
    }

    /// <summary>Breaks what connections there are.</summary>
    public void Break() => links.ForEach(link => link.Break());
}
