namespace Orchestra.Gateway;

/// <summary>
/// Runs one piece of work at a time. Woken while it runs, it runs once more. At rest it costs
/// nothing but itself.
/// </summary>
/// <param name="work">Never throws.</param>
/// <param name="scheduler">Where it runs; null = the thread pool.</param>
internal sealed class Pump(Func<Task> work, TaskScheduler? scheduler = null)
{
    private const int AtRest = 0;
    private const int Running = 1;
    private const int AskedAgain = 2;

    private int state = AtRest;
    private Task current = Task.CompletedTask;

    public void Wake()
    {
        if (Interlocked.CompareExchange(ref state, AskedAgain, Running) == Running)
            return;
        if (Interlocked.CompareExchange(ref state, Running, AtRest) == AtRest)
            current = Task
                .Factory.StartNew(
                    RunAsync,
                    CancellationToken.None,
                    TaskCreationOptions.DenyChildAttach,
                    scheduler ?? TaskScheduler.Default
                )
                .Unwrap();
    }

    /// <summary>Completes when the work under way, if any, has ended.</summary>
    public Task WhenAtRest() => current;

    private async Task RunAsync()
    {
        do
        {
            Interlocked.Exchange(ref state, Running);
            await work();
        } while (Interlocked.CompareExchange(ref state, AtRest, Running) != Running);
    }
}
