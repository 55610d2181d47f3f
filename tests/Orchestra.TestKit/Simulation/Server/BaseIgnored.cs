using System.Reflection;
using Orchestra.Grains.Interfaces;

namespace Orchestra.TestKit.Simulation.Server;

/// <summary>The bug of that name: a grain that hears of no change what its device knew.</summary>
internal class BaseIgnored : DispatchProxy
{
    private ISyncGrain grain = null!;

    public static ISyncGrain Around(ISyncGrain grain)
    {
        var proxy = Create<ISyncGrain, BaseIgnored>();
        ((BaseIgnored)(object)proxy).grain = grain;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.Name == nameof(ISyncGrain.Push) && args![0] is Push push
            ? grain.Push(
                push with
                {
                    Changes = [.. push.Changes.Select(change => change with { Base = 0 })],
                }
            )
            : targetMethod.Invoke(grain, BindingFlags.DoNotWrapExceptions, null, args, null);
}
