using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Orchestra.Database.Redis;

/// <summary>
/// One connection to Redis for all that a process does there. It comes and goes: a watch asks every
/// two seconds, says in the log what has changed, and everybody else goes by it.
/// </summary>
public sealed class RedisConnection : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource end = new();
    private readonly ConnectionMultiplexer multiplexer;
    private readonly TimeProvider time;
    private readonly Task watch;
    private ILogger logger = NullLogger.Instance;
    private volatile string? trouble = "it has not been asked yet";
    private bool isTold;
    private int isRefusalTold;

    private RedisConnection(ConnectionMultiplexer multiplexer, TimeProvider time)
    {
        this.multiplexer = multiplexer;
        this.time = time;
        watch = WatchAsync();
    }

    /// <summary>Why Redis is not used at the moment; null = it answers.</summary>
    public string? Trouble => trouble;

    /// <summary>Asks it now for what the rights in operating.md allow.</summary>
    /// <returns>Why it cannot be used; null = it can.</returns>
    public async Task<string?> FindFaultAsync()
    {
        try
        {
            const string Key = "presence:doctor";
            await Database.PingAsync();
            await Database.HashSetAsync(Key, "doctor", "");
            await Database.KeyDeleteAsync(Key);
            await Subscriber.PublishAsync(RedisChannel.Literal("sync:doctor"), "");
            return null;
        }
        catch (Exception e) when (IsRedisFault(e))
        {
            return e.Message;
        }
    }

    internal bool IsUp => trouble is null;

    /// <summary>Redis answers: whoever has subscriptions makes those anew that are not there.</summary>
    internal event Action? Answered;

    internal IDatabase Database => multiplexer.GetDatabase();

    internal ISubscriber Subscriber => multiplexer.GetSubscriber();

    /// <summary>Opens it, or begins to try: a server that is not there is waited for shortly.</summary>
    /// <param name="connectionString">One without fault: see <see cref="RedisOptions"/>.</param>
    /// <param name="time">Paces the watch.</param>
    public static async Task<RedisConnection> OpenAsync(
        string connectionString,
        TimeProvider time
    ) => new(await ConnectionMultiplexer.ConnectAsync(RedisOptions.Parse(connectionString)), time);

    /// <summary>From now on changes of state are told, the present one too if it is a bad one.</summary>
    public RedisConnection LogTo(ILoggerFactory loggers)
    {
        logger = loggers.CreateLogger<RedisConnection>();
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await watch;
        await multiplexer.DisposeAsync();
        end.Dispose();
    }

    /// <summary>Whether an exception means that Redis did not do it, and nothing worse.</summary>
    internal bool IsRedisFault(Exception fault)
    {
        if (
            fault is RedisServerException refusal
            && Interlocked.Exchange(ref isRefusalTold, 1) == 0
        )
            RedisLog.Refused(logger, refusal.Message);
        // The library cancels what was under way when a connection ends.
        return fault
            is RedisException
                or TimeoutException
                or ObjectDisposedException
                or OperationCanceledException;
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            do
            {
                Note(await AskAsync());
            } while (await timer.WaitForNextTickAsync(end.Token));
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }

    /// <returns>Why not; null = it answers.</returns>
    private async Task<string?> AskAsync()
    {
        try
        {
            await Database.PingAsync().WaitAsync(RedisOptions.Patience, end.Token);
            Answered?.Invoke();
            return null;
        }
        catch (TimeoutException)
        {
            return "it does not answer within a second";
        }
        catch (Exception e) when (!end.IsCancellationRequested)
        {
            // Whatever it was, the watch goes on.
            IsRedisFault(e);
            return e.Message;
        }
    }

    private void Note(string? now)
    {
        var isNews = (now is null) != (trouble is null) || !isTold;
        trouble = now;
        // Before there is a logger nobody would hear it.
        if (!isNews || logger == NullLogger.Instance)
            return;
        isTold = true;
        Volatile.Write(ref isRefusalTold, 0);
        if (now is null)
            RedisLog.Reached(logger);
        else
            RedisLog.Unreachable(logger, now);
    }
}
