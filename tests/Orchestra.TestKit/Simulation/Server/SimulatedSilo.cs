using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orchestra.Gateway.Authentication;
using Orchestra.Gateway.Errors;
using Orchestra.Gateway.Feeds;
using Orchestra.Gateway.Requests;
using Orchestra.Gateway.Sockets;
using Orchestra.Grains.Events;
using Orchestra.Grains.Interfaces;
using Orchestra.Grains.Owner;
using Orchestra.Grains.Reading;
using Orchestra.Grains.Store;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Relay;
using Orchestra.TestKit.Simulation.Machine;
using Orchestra.TestKit.Simulation.Network;
using Orleans.Runtime;

namespace Orchestra.TestKit.Simulation.Server;

/// <summary>
/// One process of the server, from its start to its death: the real gateway, grains and door to the
/// store, over a simulated network and beside other silos on the same store.
/// </summary>
internal sealed class SimulatedSilo
{
    private readonly World world;
    private readonly Cluster cluster;
    private readonly FaultyDoor store;
    private readonly EntityCatalog catalog;
    private readonly CommitWriter writer;
    private readonly RowReader rows;
    private readonly HeavyWork heavy;
    private readonly SocketServices services;
    private readonly Dictionary<OwnerId, ISyncGrain> activations = [];
    private readonly List<Link> links = [];

    public SimulatedSilo(World world, Cluster cluster, int number, TimeSpan clockOffset)
    {
        this.world = world;
        this.cluster = cluster;
        ClockOffset = clockOffset;
        Address = SiloAddress.New(IPAddress.Loopback, number, 0);
        Neighbours = new Neighbours(cluster);
        Lane = new Lane(world, $"silo{number}");
        Time = new LaneTime(world, Lane, () => ClockOffset);
        catalog = cluster.Store.Catalog;
        store = new FaultyDoor(world, Lane, cluster.Store, cluster.Weather, cluster.Bug);
        writer = new CommitWriter(store, Options.Create(new CommitWriterOptions()), Time, Lane);
        rows = new RowReader(store, Lane);
        heavy = new HeavyWork(Lane);
        Reader = new StoreReaderGrain(store, catalog);
        var grains = Addresses.Of(world, this);
        var catalogs = new CatalogView(grains);
        var feeds = new OwnerFeeds(
            grains,
            catalogs,
            Time,
            NullLogger<OwnerFeeds>.Instance,
            scheduler: Lane
        );
        services = new SocketServices(
            Tokens: null!,
            new OwnerRequests(grains, catalogs),
            new FrameReader(grains, catalogs),
            catalogs,
            feeds,
            new AckForwarder(grains, Time, NullLogger<AckForwarder>.Instance),
            new ErrorAnswers(NullLogger<ErrorAnswers>.Instance),
            Time,
            NullLogger<SocketServices>.Instance,
            Scheduler: Lane
        );
        var heartbeat = new Heartbeat(feeds, grains, Time, NullLogger<Heartbeat>.Instance);
        var renewal = new LeaseRenewal(feeds, grains, Time, NullLogger<LeaseRenewal>.Instance);
        _ = Lane.PostAsync(() => heartbeat.RunAsync(CancellationToken.None));
        _ = Lane.PostAsync(() => renewal.RunAsync(CancellationToken.None));
        Lane.WhenKilled(() => links.ForEach(link => link.Break()));
    }

    public SiloAddress Address { get; }

    public Lane Lane { get; }

    public LaneTime Time { get; }

    /// <summary>How wrong its clock is.</summary>
    public TimeSpan ClockOffset { get; set; }

    public StoreReaderGrain Reader { get; }

    public Neighbours Neighbours { get; }

    /// <summary>Serves a device's connection to its end.</summary>
    public void Accept(Link link, OwnerId owner)
    {
        links.Add(link);
        var caller = new Caller(owner, World.Beginning + TimeSpan.FromDays(20_000));
        _ = Lane.PostAsync(async () =>
        {
            using var socket = new ServerSocket(
                link,
                text => world.Trace.Add(world.Now, Lane.Name, "sends " + Outline.Of(text))
            );
            using var connection = new Connection(socket, services.Errors, Time);
            await new SocketLoop(connection, caller, services).RunAsync();
        });
    }

    /// <summary>The owner's grain, wherever this silo believes it to be.</summary>
    public Place FindGrain(OwnerId owner)
    {
        var host = cluster.HostOf(owner, this);
        return new Place(host.Lane, host.Activate(owner));
    }

    /// <summary>Ends an activation; the next call begins another.</summary>
    public void Deactivate(OwnerId owner) => activations.Remove(owner);

    /// <summary>What the owner does through the HTTP door.</summary>
    public async Task SetPriorityAsync(OwnerId owner, DeviceId device, int priority)
    {
        try
        {
            var caller = new Caller(owner, World.Beginning + TimeSpan.FromDays(20_000));
            await services.Requests.UpdateDeviceAsync(
                caller,
                device,
                new Orchestra.Sync.Wire.DevicePatch(null, priority)
            );
        }
        catch (Exception e) when (e is Orchestra.Sync.Errors.SyncException or TimeoutException)
        {
            world.Trace.Add(world.Now, Lane.Name, "a priority was not set");
        }
    }

    private object Activate(OwnerId owner)
    {
        if (activations.TryGetValue(owner, out var grain))
            return grain;
        ISyncGrain started = new SyncGrain(
            NamedContext.Of(owner, Address),
            store,
            catalog,
            rows,
            heavy,
            writer,
            new NoRelay(),
            Time,
            Options.Create(new DevicePriorities()),
            NoEvents.Instance,
            NullLogger<SyncGrain>.Instance
        );
        activations[owner] =
            cluster.Bug == SeededBug.BaseIgnored ? BaseIgnored.Around(started) : started;
        world.Trace.Add(world.Now, Lane.Name, "activates an owner");
        return activations[owner];
    }
}
