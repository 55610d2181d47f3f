using Orchestra.TestKit.Simulation.Machine;

namespace Orchestra.TestKit.Simulation.Network;

/// <summary>One connection between a device and a silo.</summary>
internal sealed class Link
{
    private static readonly TimeSpan LatestNotice = TimeSpan.FromSeconds(15);

    private readonly World world;
    private readonly NetworkWeather weather;
    private bool isGone;

    public Link(World world, NetworkWeather weather)
    {
        this.world = world;
        this.weather = weather;
        ToServer = new Pipe(world);
        ToClient = new Pipe(world);
    }

    public Pipe ToServer { get; }

    public Pipe ToClient { get; }

    public void SendToServer(byte[] message) => ToServer.Send(new Parcel(message), weather.Delay());

    /// <param name="message">What to send.</param>
    /// <param name="isFrame">Whether the protocol promises that a client survives its misfortunes.</param>
    public void SendToClient(byte[] message, bool isFrame)
    {
        var fate = isFrame ? weather.FateOfFrame() : Fate.Arrives;
        if (fate != Fate.Arrives)
            world.Trace.Add(world.Now, "network", $"frame: {fate}");
        if (fate == Fate.Lost)
            return;
        ToClient.Send(new Parcel(message), weather.Delay(), fate == Fate.Late);
        if (fate == Fate.Doubled)
            ToClient.Send(new Parcel(message), weather.Delay());
    }

    /// <summary>One end has died or the way is gone; each end notices in its own time.</summary>
    public void Break()
    {
        if (isGone)
            return;
        isGone = true;
        // What was sent may still arrive at one end and not at the other.
        if (world.Chance(700))
            ToServer.Cut();
        if (world.Chance(700))
            ToClient.Cut();
        world.At(world.Random.NextDouble() * LatestNotice, ToServer.Lose);
        world.At(world.Random.NextDouble() * LatestNotice / 5, ToClient.Lose);
    }

    /// <summary>The server has said its last word and let go.</summary>
    public void EndByServer()
    {
        isGone = true;
        ToServer.Lose();
        world.At(weather.Delay() * 2, ToClient.Lose);
    }

    /// <summary>The client has let go.</summary>
    public void EndByClient()
    {
        isGone = true;
        ToClient.Lose();
        world.At(weather.Delay() * 2, ToServer.Lose);
    }
}
