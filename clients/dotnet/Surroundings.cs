using Orchestra.Client.Connection;

namespace Orchestra.Client;

/// <summary>
/// What a client takes from the machine it runs on, apart from the clock and the disk: network,
/// chance, threads. A simulation brings its own, so that a run can be repeated.
/// </summary>
internal sealed record Surroundings
{
    public static readonly Surroundings Machine = new();

    /// <summary>How to reach the server.</summary>
    public ISyncTransport Transport { get; init; } = new WebSocketTransport();

    /// <summary>How to reach it where the first way is blocked; null = there is no other.</summary>
    public Func<ClientOptions, ISyncTransport>? Detour { get; init; } =
        options => new HttpTransport(options.Time, options.HttpPoll);

    /// <summary>Ids of devices, changes and runs.</summary>
    public Func<Guid> NewId { get; init; } = Guid.NewGuid;

    /// <summary>0 to 1, for waits: devices that lost one server must not come back in one moment.</summary>
    public Func<double> Chance { get; init; } = static () => new Random().NextDouble();

    /// <summary>
    /// Where the database works. SQLite does so on the calling thread, and an app's own must not wait
    /// for the disk.
    /// </summary>
    public TaskScheduler Scheduler { get; init; } = TaskScheduler.Default;

    /// <summary>The right to be the one process that sends from a database; null if it is taken.</summary>
    public Func<string, IDisposable?> TakeSenderLock { get; init; } = SenderLock.TryTake;
}
