namespace Orchestra.TestKit.Simulation.Machine;

/// <summary>
/// One thread, one clock and one source of chance for everything that is simulated. Between two
/// steps of any process anything may happen; nothing happens in any other order when the seed is
/// the same.
/// </summary>
internal sealed class World(int seed, bool keepsTrace)
{
    /// <summary>When every run begins, whatever the machine's clock says.</summary>
    public static readonly DateTimeOffset Beginning = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>More steps than this without time going on is a loop that never ends.</summary>
    private const int MostStepsAtOnce = 200_000;

    private readonly int thread = Environment.CurrentManagedThreadId;
    private readonly PriorityQueue<Action, (long At, long Order)> events = new();
    private readonly List<Lane> ready = [];
    private readonly List<(long Step, Action Action)> afterSteps = [];
    private long order;
    private long steps;

    public Random Random { get; } = new(seed);

    public Trace Trace { get; } = new(keepsTrace);

    /// <summary>Since <see cref="Beginning"/>, on a clock that nobody sets.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>What went wrong; the run ends with it.</summary>
    public List<string> Failures { get; } = [];

    public bool HasFailed => Failures.Count > 0;

    public void Fail(string what)
    {
        Trace.Add(Now, "FAILED", what);
        Failures.Add(what);
    }

    /// <summary>Whether something that happens that often per thousand happens now.</summary>
    public bool Chance(int perMille) => Random.Next(1000) < perMille;

    public T Pick<T>(IReadOnlyList<T> items) => items[Random.Next(items.Count)];

    public Guid NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        Random.NextBytes(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>Does something later.</summary>
    public void At(TimeSpan delay, Action action) =>
        events.Enqueue(action, ((Now + delay).Ticks, order++));

    /// <summary>Does something between two steps of the processes, so many steps from now.</summary>
    public void AfterSteps(int count, Action action) => afterSteps.Add((steps + count, action));

    /// <summary>What was to be done between steps is not done any more.</summary>
    public void CancelSteps() => afterSteps.Clear();

    /// <summary>Lets time pass, and everything happen that it brings.</summary>
    public void RunFor(TimeSpan span)
    {
        var end = Now + span;
        RunUntilQuiet();
        while (!HasFailed && events.TryPeek(out _, out var due) && due.At <= end.Ticks)
        {
            if (due.At > Now.Ticks)
                Now = TimeSpan.FromTicks(due.At);
            events.Dequeue()();
            RunUntilQuiet();
        }
        Now = end;
    }

    /// <summary>Runs a process's work to its end, while time stands still.</summary>
    public T Run<T>(Lane lane, Func<Task<T>> work)
    {
        var task = lane.PostAsync(work);
        RunUntilQuiet();
        if (!task.IsCompleted)
            throw new InvalidOperationException("Work that needs no time did not end");
        return task.GetAwaiter().GetResult();
    }

    internal void Ready(Lane lane)
    {
        if (Environment.CurrentManagedThreadId != thread)
            Fail("A continuation left the simulation's thread: " + Environment.StackTrace);
        else
            ready.Add(lane);
    }

    private void RunUntilQuiet()
    {
        for (var i = 0; ready.Count > 0 && !HasFailed; i++)
        {
            var at = Random.Next(ready.Count);
            var lane = ready[at];
            if (!lane.RunOne())
            {
                ready[at] = ready[^1];
                ready.RemoveAt(ready.Count - 1);
            }
            steps++;
            TakeInterruptions();
            if (i > MostStepsAtOnce)
                Fail($"{lane.Name} does not come to rest");
        }
    }

    private void TakeInterruptions()
    {
        for (var i = afterSteps.Count - 1; i >= 0; i--)
        {
            if (afterSteps[i].Step > steps)
                continue;
            var action = afterSteps[i].Action;
            afterSteps.RemoveAt(i);
            action();
        }
    }
}
