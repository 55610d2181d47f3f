using Orchestra.TestKit.Simulation.Devices;
using Orchestra.TestKit.Simulation.Machine;
using Orchestra.TestKit.Simulation.Server;

namespace Orchestra.TestKit.Simulation;

/// <summary>What goes wrong besides the weather, and how it is put right.</summary>
internal sealed class Troubles(
    World world,
    Cluster cluster,
    SharedStore store,
    List<SimulatedDevice> devices,
    SeededBug bug
)
{
    /// <summary>How many there were.</summary>
    public int Count { get; private set; }

    /// <summary>One more, made elsewhere.</summary>
    public void Note() => Count++;

    public void MaybeOne()
    {
        if (!world.Chance(450))
            return;
        Count++;
        switch (world.Random.Next(12))
        {
            case 0 or 1:
                KillDevice(world.Pick(devices));
                break;
            case 2:
                KillSilo(world.Pick(cluster.Silos));
                break;
            case 3:
                MoveGrain();
                break;
            case 4:
                ForgetGrain();
                break;
            case 5 or 6:
                Note("loses its connection").LoseConnection();
                break;
            case 7:
                Part(Note("is offline"));
                break;
            case 8:
                JumpDeviceClock(Note("has its clock set"));
                break;
            case 9:
                JumpSiloClock();
                break;
            case 10:
                SetPriorities();
                break;
            default:
                Collect(world.Pick(devices));
                break;
        }
    }

    /// <summary>Everything is there again and reaches everything.</summary>
    public void Heal()
    {
        world.CancelSteps();
        foreach (var device in devices)
        {
            device.Recorder.AtNextFrame = null;
            device.GoOnline();
            device.Start();
        }
    }

    private SimulatedDevice Note(string what)
    {
        var device = world.Pick(devices);
        world.Trace.Add(world.Now, device.Name, what);
        return device;
    }

    /// <summary>
    /// Between any two steps, half of the time between two of those in which a frame is applied; it
    /// starts again after a while.
    /// </summary>
    private void KillDevice(SimulatedDevice device)
    {
        var pause = TimeSpan.FromMilliseconds(world.Random.Next(50, 8_000));
        if (world.Chance(500))
            device.Recorder.AtNextFrame = () => world.AfterSteps(world.Random.Next(8), Kill);
        else
            world.AfterSteps(world.Random.Next(60), Kill);

        void Kill()
        {
            device.Kill();
            world.At(pause, device.Start);
        }
    }

    private void KillSilo(SimulatedSilo silo) =>
        world.AfterSteps(world.Random.Next(60), () => cluster.Crash(silo));

    /// <summary>One silo believes the grain to be somewhere else: now there may be two.</summary>
    private void MoveGrain()
    {
        var (asking, host) = (world.Pick(cluster.Silos), world.Pick(cluster.Silos));
        world.Trace.Add(world.Now, asking.Lane.Name, $"looks for a grain at {host.Lane.Name}");
        cluster.Believe(world.Pick(devices).Owner, asking, host);
    }

    private void ForgetGrain() => world.Pick(cluster.Silos).Deactivate(world.Pick(devices).Owner);

    private void Part(SimulatedDevice device)
    {
        device.GoOffline();
        world.At(TimeSpan.FromMilliseconds(world.Random.Next(500, 20_000)), device.GoOnline);
    }

    private void JumpDeviceClock(SimulatedDevice device) => device.ClockOffset = Jump();

    private void JumpSiloClock()
    {
        var silo = world.Pick(cluster.Silos);
        silo.ClockOffset = TimeSpan.FromMilliseconds(world.Random.Next(-120_000, 120_000));
        world.Trace.Add(world.Now, silo.Lane.Name, "has its clock set");
    }

    private TimeSpan Jump() =>
        world.Random.Next(4) switch
        {
            0 => TimeSpan.Zero,
            1 => TimeSpan.FromDays(world.Random.Next(-3_650, 3_650)),
            _ => TimeSpan.FromMilliseconds(world.Random.Next(-5_000, 5_000)),
        };

    /// <summary>Between the arrivals of what was edited at one moment: ties are decided by them.</summary>
    private void SetPriorities()
    {
        foreach (var each in devices)
            world.At(TimeSpan.FromMilliseconds(world.Random.Next(400)), () => SetPriority(each));
    }

    private void SetPriority(SimulatedDevice device)
    {
        if (!device.IsRunning || device.Recorder.Device is not { } id)
            return;
        var silo = world.Pick(cluster.Silos);
        var priority = world.Random.Next(0, 100);
        world.Trace.Add(world.Now, device.Name, $"gets priority {priority}");
        _ = silo.Lane.PostAsync(() => silo.SetPriorityAsync(device.Owner, id, priority));
    }

    private void Collect(SimulatedDevice device)
    {
        if (store.Find(device.Owner) is not { } before)
            return;
        if (world.Chance(600))
        {
            var upTo = world.Random.NextInt64(before.Head.LogHorizon, before.Head.Version + 1);
            var horizon = store.DropLog(device.Owner, upTo);
            device.Seen.Dropped.Add(new DroppedLog(horizon, before.Head.Version));
            world.Trace.Add(world.Now, "world", $"the log is dropped up to {horizon}");
        }
        var raisesHorizon = bug != SeededBug.TombstonesCollectedTooEarly;
        var gone = store.CollectTombstones(device.Owner, raisesHorizon);
        world.Trace.Add(world.Now, "world", $"{gone} tombstones collected");
        var left = store.Find(device.Owner)!.Rows.Select(row => row.Key).ToHashSet();
        foreach (var row in before.Rows.Where(row => !left.Contains(row.Key)))
            device.Seen.Collected.Add(new Collected(row.Key, before.Head.Version));
    }
}
