using System.Reflection;
using Orchestra.TestKit.Simulation.Machine;

namespace Orchestra.TestKit.Simulation.Server;

/// <summary>Where a call arrives: a process, and the object in it.</summary>
internal readonly record struct Place(Lane Lane, object Target);

/// <summary>
/// Calls an object of another process: the call and its answer take time, and a process that dies
/// meanwhile answers nobody. Stands in for what Orleans does between silos.
/// </summary>
internal class Remote : DispatchProxy
{
    private static readonly MethodInfo TypedCall = typeof(Remote).GetMethod(
        nameof(CallAsync),
        BindingFlags.Instance | BindingFlags.NonPublic
    )!;

    private World world = null!;
    private Func<Place> find = null!;

    public static T Create<T>(World world, Func<Place> find)
        where T : class
    {
        var proxy = Create<T, Remote>();
        var remote = (Remote)(object)proxy;
        remote.world = world;
        remote.find = find;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.ReturnType == typeof(Task)
            ? CallAsync<bool>(targetMethod, args)
            : TypedCall
                .MakeGenericMethod(targetMethod.ReturnType.GetGenericArguments())
                .Invoke(this, [targetMethod, args]);

    private async Task<T> CallAsync<T>(MethodInfo method, object?[]? args)
    {
        var place = find();
        var answer = new TaskCompletionSource<T>(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        if (place.Lane.IsDead)
            throw new TimeoutException("The silo does not answer");
        // Orleans says so after a while.
        void GiveUp() =>
            world.At(
                TimeSpan.FromSeconds(1),
                () => answer.TrySetException(new TimeoutException("The silo does not answer"))
            );
        place.Lane.WhenKilled(GiveUp);
        _ = place.Lane.PostAsync(() => AnswerAsync(method, args, place.Target, answer));
        try
        {
            return await answer.Task;
        }
        finally
        {
            place.Lane.Forget(GiveUp);
        }
    }

    private static async Task AnswerAsync<T>(
        MethodInfo method,
        object?[]? args,
        object target,
        TaskCompletionSource<T> answer
    )
    {
        try
        {
            var call = (Task)
                method.Invoke(target, BindingFlags.DoNotWrapExceptions, null, args, null)!;
            await call;
            answer.TrySetResult(call is Task<T> typed ? await typed : default!);
        }
        catch (Exception e)
        {
            answer.TrySetException(e);
        }
    }
}
