using System.Reflection;
using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.TestKit.Simulation.Machine;
using Orleans.Runtime;

namespace Orchestra.TestKit.Simulation.Server;

/// <summary>What a silo's gateway asks for grains: it gets the way to them.</summary>
internal class Addresses : DispatchProxy
{
    private World world = null!;
    private SimulatedSilo silo = null!;

    public static IGrainFactory Of(World world, SimulatedSilo silo)
    {
        var proxy = Create<IGrainFactory, Addresses>();
        var addresses = (Addresses)(object)proxy;
        addresses.world = world;
        addresses.silo = silo;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var type = targetMethod!.IsGenericMethod ? targetMethod.GetGenericArguments()[0] : null;
        if (type == typeof(ISyncGrain))
        {
            var owner = new OwnerId((Guid)args![0]!);
            return Remote.Create<ISyncGrain>(world, () => silo.FindGrain(owner));
        }
        if (type == typeof(IStoreReaderGrain))
            return Remote.Create<IStoreReaderGrain>(world, () => new(silo.Lane, silo.Reader));
        if (type == typeof(IClusterGrain))
            return Remote.Create<IClusterGrain>(world, () => new(silo.Lane, silo.Neighbours));
        if (targetMethod.Name == nameof(IGrainFactory.CreateObjectReference))
        {
            var (lane, target) = (silo.Lane, args![0]!);
            return Remote.Create<IOwnerObserver>(world, () => new(lane, target));
        }
        return null;
    }
}

/// <summary>As much of a grain's context as names its grain and its silo.</summary>
internal class NamedContext : DispatchProxy
{
    private GrainId id;
    private SiloAddress silo = null!;

    public static IGrainContext Of(OwnerId owner, SiloAddress silo)
    {
        var proxy = Create<IGrainContext, NamedContext>();
        var context = (NamedContext)(object)proxy;
        context.silo = silo;
        context.id = GrainId.Create(
            GrainType.Create("sync"),
            GrainIdKeyExtensions.CreateGuidKey(owner.Value)
        );
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.Name switch
        {
            "get_GrainId" => id,
            "get_Address" => new GrainAddress { GrainId = id, SiloAddress = silo },
            _ => throw new NotSupportedException(),
        };
}
