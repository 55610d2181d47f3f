using Orchestra.TestKit.Simulation.Machine;

namespace Orchestra.TestKit.Simulation.Network;

/// <summary>What can become of a frame of changes on its way to a device.</summary>
internal enum Fate
{
    Arrives,
    Lost,
    Doubled,
    Late,
}

/// <summary>How well messages travel at the moment.</summary>
internal sealed class NetworkWeather(World world)
{
    /// <summary>Whether anything bad happens at all.</summary>
    public bool IsFoul { get; set; }

    /// <summary>Few different delays, so that edits of several devices tie to the millisecond.</summary>
    public TimeSpan Delay()
    {
        if (IsFoul && world.Chance(60))
            return TimeSpan.FromMilliseconds(world.Random.Next(100, 3_000));
        return TimeSpan.FromMilliseconds(world.Random.Next(1, 4) * 5);
    }

    public Fate FateOfFrame() =>
        !IsFoul ? Fate.Arrives
        : world.Chance(40) ? Fate.Lost
        : world.Chance(60) ? Fate.Doubled
        : world.Chance(60) ? Fate.Late
        : Fate.Arrives;
}
