using Orchestra.Sync;
using Orchestra.TestKit.Simulation.Machine;
using Orchestra.TestKit.Simulation.Network;

namespace Orchestra.TestKit.Simulation.Server;

/// <summary>
/// The silos on one store. Each believes for itself where an owner's grain is, so that there can be
/// two of it.
/// </summary>
internal sealed class Cluster
{
    private const int Size = 2;

    private readonly World world;
    private readonly List<SimulatedSilo> silos = [];
    private readonly Dictionary<(OwnerId Owner, SimulatedSilo Asking), SimulatedSilo> beliefs = [];
    private int started;

    public Cluster(World world, SharedStore store, NetworkWeather weather, SeededBug bug)
    {
        this.world = world;
        Store = store;
        Weather = weather;
        Bug = bug;
        for (var i = 0; i < Size; i++)
            Start();
    }

    public SharedStore Store { get; }

    public NetworkWeather Weather { get; }

    public SeededBug Bug { get; }

    public IReadOnlyList<SimulatedSilo> Silos => silos;

    /// <summary>A silo dies and another takes its place.</summary>
    public void Crash(SimulatedSilo silo)
    {
        if (silo.Lane.IsDead)
            return;
        silo.Lane.Kill();
        silos.Remove(silo);
        foreach (
            var key in beliefs
                .Where(pair => pair.Value == silo || pair.Key.Asking == silo)
                .Select(pair => pair.Key)
                .ToList()
        )
            beliefs.Remove(key);
        Start();
    }

    /// <summary>A silo begins to believe that an owner's grain is elsewhere.</summary>
    public void Believe(OwnerId owner, SimulatedSilo asking, SimulatedSilo host) =>
        beliefs[(owner, asking)] = host;

    public SimulatedSilo HostOf(OwnerId owner, SimulatedSilo asking) =>
        beliefs.TryGetValue((owner, asking), out var host)
            ? host
            : beliefs[(owner, asking)] = First(owner);

    private SimulatedSilo First(OwnerId owner) =>
        beliefs.Where(pair => pair.Key.Owner == owner).Select(pair => pair.Value).FirstOrDefault()
        ?? silos[0];

    private void Start() =>
        silos.Add(
            new SimulatedSilo(
                world,
                this,
                ++started,
                TimeSpan.FromMilliseconds(world.Random.Next(-50, 50))
            )
        );
}
