using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.TestKit.Simulation.Machine;
using Orchestra.TestKit.Simulation.Network;
using Orchestra.TestKit.Simulation.Server;

namespace Orchestra.TestKit.Simulation.Devices;

/// <summary>
/// One installation: a file that outlives the runs of its program, the real client that runs on it,
/// and a clock that may be wrong.
/// </summary>
internal sealed class SimulatedDevice
{
    private static readonly Uri Server = new("http://server.test");

    private readonly World world;
    private readonly Cluster cluster;
    private readonly string file;
    private readonly Observations seen;
    private SimulatedTransport? transport;
    private int runs;

    public SimulatedDevice(
        World world,
        Cluster cluster,
        string name,
        OwnerId owner,
        string folder,
        Observations seen
    )
    {
        this.world = world;
        this.cluster = cluster;
        this.seen = seen;
        Name = name;
        Owner = owner;
        file = Path.Combine(folder, name + ".db");
        Recorder = new DeviceRecorder(world, name, seen);
    }

    public string Name { get; }

    public OwnerId Owner { get; }

    public Observations Seen => seen;

    public DeviceRecorder Recorder { get; }

    public Lane? Lane { get; private set; }

    public OrchestraClient? Client { get; private set; }

    /// <summary>What its user has done so far.</summary>
    public int Edits { get; set; }

    public bool IsRunning => Lane is { IsDead: false } && Client is not null;

    /// <summary>How wrong its clock is.</summary>
    public TimeSpan ClockOffset { get; set; }

    /// <summary>Whether there is a way to the server.</summary>
    public bool IsOffline { get; private set; }

    public void Start()
    {
        if (Lane is { IsDead: false })
            return;
        if (cluster.Bug == SeededBug.OutboxRenumberedWithoutFork)
            DeviceFile.Renumber(file);
        if (cluster.Bug == SeededBug.CursorSavedBeforeRows && Recorder.UnderWay is { } frame)
            DeviceFile.SaveCursor(file, frame);
        var lane = new Lane(world, $"{Name}.{++runs}");
        Lane = lane;
        Client = null;
        world.Trace.Add(world.Now, lane.Name, "starts");
        transport = new SimulatedTransport(
            world,
            cluster,
            lane,
            Owner,
            () => !IsOffline,
            Recorder.Sent,
            Recorder.Received
        );
        _ = lane.PostAsync(() => LiveAsync(lane, transport));
    }

    /// <summary>The program is killed; its file stays as it is.</summary>
    public void Kill()
    {
        Lane?.Kill();
        Client = null;
    }

    public void GoOffline()
    {
        IsOffline = true;
        transport?.Break();
    }

    public void GoOnline() => IsOffline = false;

    public void LoseConnection() => transport?.Break();

    /// <summary>Lets the app do something.</summary>
    public void Do(Func<OrchestraClient, Task> work)
    {
        if (Lane is not { IsDead: false } lane || Client is not { } client)
            return;
        _ = lane.PostAsync(async () =>
        {
            try
            {
                await work(client);
            }
            catch (Exception e)
            {
                world.Fail($"{Name}: an app's call ended in {e}");
            }
        });
    }

    /// <summary>The server rows above a version that its file has.</summary>
    public IEnumerable<RowKey> Held(IEnumerable<string> entities, long above) =>
        File.Exists(file) ? DeviceFile.Held(file, entities, above) : [];

    /// <summary>Asks the app something while time stands still.</summary>
    public T Ask<T>(Func<OrchestraClient, Task<T>> question) =>
        world.Run(Lane!, () => question(Client!));

    private async Task LiveAsync(Lane lane, SimulatedTransport net)
    {
        try
        {
            var client = await OrchestraClient.OpenAsync(Options(lane, net));
            Client = client;
            var watch = new TransactionWatch(world, Name, file, () => seen.Restores.Count > 0);
            lane.WhenKilled(watch.Dispose);
            client.Changed += _ => watch.Look();
            await client.RunAsync(CancellationToken.None);
            world.Fail($"{Name} ended by itself");
        }
        catch (Exception e)
        {
            world.Fail($"{Name} gave up: {e}");
        }
    }

    private ClientOptions Options(Lane lane, SimulatedTransport net) =>
        new()
        {
            Database = file,
            Server = Server,
            Token = (_, _) => Task.FromResult("token"),
            DeviceName = Name,
            Kind = DeviceKind.Desktop,
            FirstRetry = TimeSpan.FromMilliseconds(300),
            LongestRetry = TimeSpan.FromSeconds(5),
            OutboxPoll = TimeSpan.FromSeconds(20),
            Time = new LaneTime(world, lane, () => ClockOffset),
            Surroundings = new Surroundings
            {
                Detour = null,
                Transport = net,
                NewId = world.NewId,
                Chance = world.Random.NextDouble,
                Scheduler = lane,
                TakeSenderLock = _ => new MemoryStream(),
            },
        };
}
