namespace Orchestra.TestKit.Postgres;

/// <summary>What befalls a commit. The client sees the same, and cannot know which it was.</summary>
internal enum CommitFault
{
    /// <summary>The server never hears of the commit: nothing was written.</summary>
    Before,

    /// <summary>The server has committed, and the client never hears of it.</summary>
    Reply,
}

/// <summary>The faults that are still to happen, and the number of those that did.</summary>
internal sealed class CommitFaults
{
    private readonly Lock gate = new();
    private readonly List<Armed> armed = [];

    public int Happened { get; private set; }

    public void Arm(CommitFault fault, Func<string, bool> statement, int times)
    {
        lock (gate)
            armed.AddRange(Enumerable.Repeat(new Armed(fault, statement), times));
    }

    public void Disarm()
    {
        lock (gate)
            armed.Clear();
    }

    /// <summary>Whether a transaction with these statements is one that the fault waits for.</summary>
    public bool Await(CommitFault fault, IReadOnlyList<string> statements)
    {
        lock (gate)
            return armed.Exists(one => one.Matches(fault, statements));
    }

    /// <summary>Uses up one fault that waits for such a transaction, if there is one.</summary>
    public bool TryTake(CommitFault fault, IReadOnlyList<string> statements)
    {
        lock (gate)
        {
            var index = armed.FindIndex(one => one.Matches(fault, statements));
            if (index < 0)
                return false;
            armed.RemoveAt(index);
            Happened++;
            return true;
        }
    }

    private sealed record Armed(CommitFault Fault, Func<string, bool> Statement)
    {
        public bool Matches(CommitFault fault, IReadOnlyList<string> statements) =>
            fault == Fault && statements.Any(Statement);
    }
}
