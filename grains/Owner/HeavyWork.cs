namespace Orchestra.Grains.Owner;

/// <summary>
/// What takes long, one after the other for the whole silo: however many owners delete large trees at
/// once, the others find a processor that is free, and at most one long commit before theirs.
/// </summary>
/// <param name="scheduler">Where decisions are made; null = the thread pool, away from grains.</param>
internal sealed class HeavyWork(TaskScheduler? scheduler = null) : IDisposable
{
    /// <summary>Entries of the log beyond which a commit takes long.</summary>
    private const int HeavyEntries = 2_000;

    private readonly SemaphoreSlim turn = new(1, 1);

    public static bool IsHeavy(Sync.Store.OwnerCommit commit) => commit.Log.Count > HeavyEntries;

    /// <summary>Waits for its turn, which ends when the result is disposed of.</summary>
    public async Task<IDisposable> TakeTurnAsync()
    {
        await turn.WaitAsync();
        return new Turn(turn);
    }

    public Task<T> RunAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(
            work,
            CancellationToken.None,
            TaskCreationOptions.DenyChildAttach,
            scheduler ?? TaskScheduler.Default
        );

    public void Dispose() => turn.Dispose();

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
