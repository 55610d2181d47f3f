using Orchestra.Sync;
using Orchestra.TestKit.Simulation.Checkers;
using Orchestra.TestKit.Simulation.Devices;
using Orchestra.TestKit.Simulation.Machine;
using Orchestra.TestKit.Simulation.Network;
using Orchestra.TestKit.Simulation.Server;

namespace Orchestra.TestKit.Simulation;

/// <summary>
/// One run: rounds of trouble, each followed by a quiet period in which everything must come right
/// again and the checkers look.
/// </summary>
internal sealed class Scenario : IDisposable
{
    private const int Rounds = 2;
    private static readonly TimeSpan QuietAtMost = TimeSpan.FromMinutes(4);

    private readonly SynchronizationContext? outside = SynchronizationContext.Current;
    private readonly World world;
    private readonly string folder;
    private readonly SharedStore store = new();
    private readonly NetworkWeather weather;
    private readonly Cluster cluster;
    private readonly Workload workload;
    private readonly List<SimulatedDevice> devices = [];
    private readonly Dictionary<OwnerId, Observations> owners = [];
    private readonly Troubles troubles;
    private readonly Restores restores;

    public Scenario(int seed, SeededBug bug, bool keepsTrace)
    {
        // Only the simulation decides where its work continues.
        SynchronizationContext.SetSynchronizationContext(null);
        world = new World(seed, keepsTrace);
        folder = NewFolder();
        weather = new NetworkWeather(world);
        cluster = new Cluster(world, store, weather, bug);
        workload = new Workload(world);
        for (var i = 0; i < (world.Chance(250) ? 2 : 1); i++)
            AddOwner(i);
        restores = new Restores(world, cluster, store, devices);
        troubles = new Troubles(world, cluster, store, devices, bug);
    }

    public World World => world;

    /// <summary>Faults that took place: a run without any proves nothing.</summary>
    public int Faults => troubles.Count;

    /// <summary>What the last quiet period looked like.</summary>
    public IReadOnlyList<Evidence> LastEvidence { get; private set; } = [];

    public void Run()
    {
        devices.ForEach(device => device.Start());
        for (var round = 0; round < Rounds && !world.HasFailed; round++)
        {
            TroubledTime();
            QuietTime();
            if (world.HasFailed)
                return;
            LastEvidence = [.. owners.Select(pair => Gather(pair.Key, pair.Value))];
            foreach (var evidence in LastEvidence)
            foreach (var violation in AllCheckers.Check(evidence, world.Random.Next()))
                world.Fail(violation);
        }
    }

    public void Dispose()
    {
        devices.ForEach(device => device.Kill());
        foreach (var silo in cluster.Silos)
            silo.Lane.Kill();
        restores.Dispose();
        store.Dispose();
        Directory.Delete(folder, recursive: true);
        SynchronizationContext.SetSynchronizationContext(outside);
    }

    /// <summary>In memory if there is such a place: only programs crash here, never machines.</summary>
    private static string NewFolder()
    {
        const string Memory = "/dev/shm";
        return Directory.Exists(Memory)
            ? Directory
                .CreateDirectory(Path.Combine(Memory, "orchestra-sim-" + Path.GetRandomFileName()))
                .FullName
            : Directory.CreateTempSubdirectory("orchestra-sim-").FullName;
    }

    private void AddOwner(int number)
    {
        var owner = new OwnerId(world.NewId());
        owners[owner] = new Observations();
        var count = number == 0 ? world.Random.Next(2, 5) : 2;
        for (var i = 0; i < count; i++)
            devices.Add(
                new SimulatedDevice(
                    world,
                    cluster,
                    $"{(char)('A' + number)}{i}",
                    owner,
                    folder,
                    owners[owner]
                )
            );
    }

    private void TroubledTime()
    {
        weather.IsFoul = true;
        var steps = world.Random.Next(12, 30);
        var isRestored = world.Chance(200);
        for (var i = 0; i < steps && !world.HasFailed; i++)
        {
            world.RunFor(TimeSpan.FromMilliseconds(world.Random.Next(0, 40) * 25));
            // Several edits in the same millisecond are the ones that conflict.
            for (var edits = world.Random.Next(1, 5); edits > 0; edits--)
                Edit(world.Pick(devices));
            troubles.MaybeOne();
            if (isRestored)
                BackUpOrRestore(i, steps);
        }
    }

    private void BackUpOrRestore(int step, int steps)
    {
        if (step == steps / 3)
            restores.BackUp();
        else if (step == steps * 2 / 3 && restores.Restore())
            troubles.Note();
    }

    private void Edit(SimulatedDevice device)
    {
        var (edits, together) = workload.Next();
        world.Trace.Add(world.Now, device.Name, $"edits {edits.Count} rows");
        device.Do(async client =>
        {
            var mine = ++device.Edits;
            await client.WriteAsync(edits, together);
            var last = edits[^1];
            var row = await client.FindAsync(last.Entity, last.Id);
            // Its user may have done something else meanwhile.
            if (device.Edits == mine)
                foreach (var violation in OwnWrites.Check(device.Name, last, row))
                    world.Fail(violation);
        });
    }

    /// <summary>All faults are healed; then the deadline runs.</summary>
    private void QuietTime()
    {
        weather.IsFoul = false;
        troubles.Heal();
        world.Trace.Add(world.Now, "world", "quiet");
        var deadline = world.Now + QuietAtMost;
        while (!world.HasFailed && world.Now < deadline)
        {
            world.RunFor(TimeSpan.FromSeconds(2));
            if (devices.TrueForAll(IsDone))
                return;
        }
        foreach (var device in devices.Where(device => !world.HasFailed && !IsDone(device)))
            world.Fail($"P6 {device.Name} is not up to date {QuietAtMost} after the last fault");
    }

    private bool IsDone(SimulatedDevice device)
    {
        if (!device.IsRunning)
            return false;
        var status = device.Ask(client => client.ReadStatusAsync());
        var head = store.FindHead(device.Owner);
        return head is not null
            && status.Outbox == 0
            && status.Cursor.Floor is null
            && status.Cursor.Epoch == head.Epoch
            && status.Cursor.Version == head.Version;
    }

    private Evidence Gather(OwnerId owner, Observations seen) =>
        new(
            owner,
            store.Catalog,
            store.Find(owner)!,
            [
                .. devices
                    .Where(device => device.Owner == owner)
                    .Select(device => DeviceCopy.Of(device, store.Catalog)),
            ],
            seen,
            query => store.Store.ReadAsync(query, CancellationToken.None).GetAwaiter().GetResult()
        );
}
