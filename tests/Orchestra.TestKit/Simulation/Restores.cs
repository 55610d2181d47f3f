using Orchestra.Sync;
using Orchestra.TestKit.Simulation.Devices;
using Orchestra.TestKit.Simulation.Machine;
using Orchestra.TestKit.Simulation.Server;

namespace Orchestra.TestKit.Simulation;

/// <summary>Backups of the store, and the bad day on which one is needed.</summary>
internal sealed class Restores(
    World world,
    Cluster cluster,
    SharedStore store,
    List<SimulatedDevice> devices
) : IDisposable
{
    private StoreBackup? backup;
    private Dictionary<OwnerId, (int Collected, int Dropped)> marks = [];

    private IEnumerable<(OwnerId Owner, Observations Seen)> Owners =>
        devices.Select(device => (device.Owner, device.Seen)).Distinct();

    public void BackUp()
    {
        backup?.Database.Dispose();
        backup = store.BackUp();
        marks = Owners.ToDictionary(
            owner => owner.Owner,
            owner => (owner.Seen.Collected.Count, owner.Seen.Dropped.Count)
        );
        world.Trace.Add(world.Now, "world", "backup");
    }

    /// <summary>All silos stop, the backup takes the store's place, and new ones start.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Restore()
    {
        if (backup is null)
            return false;
        foreach (var silo in cluster.Silos.ToList())
            cluster.Crash(silo);
        store.Restore(backup, World.Beginning + world.Now);
        world.Trace.Add(world.Now, "world", "restored");
        foreach (var (owner, seen) in Owners)
            Note(owner, seen);
        return true;
    }

    public void Dispose() => backup?.Database.Dispose();

    private void Note(OwnerId owner, Observations seen)
    {
        var (collected, dropped) = marks.GetValueOrDefault(owner);
        seen.Collected.RemoveRange(collected, seen.Collected.Count - collected);
        seen.Dropped.RemoveRange(dropped, seen.Dropped.Count - dropped);
        var head = store.FindHead(owner);
        var kept = head?.Version ?? 0;
        var entities = store
            .Catalog.Types.Where(type => !type.ServerOwned)
            .Select(type => type.Name)
            .ToList();
        var held = devices
            .Where(device => device.Owner == owner)
            .SelectMany(device => device.Held(entities, kept))
            .ToHashSet();
        seen.Restores.Add(new Restored(head?.Epoch ?? long.MaxValue, kept, held));
    }
}
