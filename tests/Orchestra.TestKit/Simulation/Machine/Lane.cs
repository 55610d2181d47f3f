namespace Orchestra.TestKit.Simulation.Machine;

/// <summary>
/// One process: its work runs in order, a step at a time, with other processes' steps in between.
/// Once killed, nothing of it ever runs again.
/// </summary>
internal sealed class Lane(World world, string name) : TaskScheduler
{
    private readonly Queue<Task> queue = [];
    private readonly List<Action> obituaries = [];
    private bool isListed;

    public string Name => name;

    public bool IsDead { get; private set; }

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Tells somebody when the process dies.</summary>
    public void WhenKilled(Action tell) => obituaries.Add(tell);

    public void Forget(Action tell) => obituaries.Remove(tell);

    public void Kill()
    {
        if (IsDead)
            return;
        IsDead = true;
        queue.Clear();
        world.Trace.Add(world.Now, name, "killed");
        foreach (var tell in obituaries.ToList())
            tell();
    }

    public void Post(Action work) =>
        Task.Factory.StartNew(
            work,
            CancellationToken.None,
            TaskCreationOptions.DenyChildAttach,
            this
        );

    public Task<T> PostAsync<T>(Func<Task<T>> work) =>
        Task
            .Factory.StartNew(
                work,
                CancellationToken.None,
                TaskCreationOptions.DenyChildAttach,
                this
            )
            .Unwrap();

    public Task PostAsync(Func<Task> work) =>
        PostAsync(async () =>
        {
            await work();
            return true;
        });

    /// <returns>Whether more waits.</returns>
    internal bool RunOne()
    {
        if (queue.TryDequeue(out var task))
            TryExecuteTask(task);
        return isListed = queue.Count > 0;
    }

    protected override void QueueTask(Task task)
    {
        if (IsDead)
            return;
        queue.Enqueue(task);
        if (isListed)
            return;
        isListed = true;
        world.Ready(this);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => queue;
}
