using System.Data;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Search;
using Polly;
using Polly.Retry;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres;

/// <summary>
/// One PostgreSQL database as one login sees it: a pool of connections, and what to do when one of
/// them fails.
/// </summary>
public sealed class PostgresDatabase : IAsyncDisposable
{
    /// <summary>Until the transaction ends; see the walls in <c>migrations/006_walls.sql</c>.</summary>
    private const string BecomeReader = """
        select set_config('orchestra.owner', $1, true), set_config('role', 'orchestra_readonly', true)
        """;

    /// <summary>The same, for statements that take <c>$2</c> milliseconds each at most.</summary>
    private const string BecomeSearcher = """
        select set_config('orchestra.owner', $1, true), set_config('role', 'orchestra_readonly', true),
            set_config('statement_timeout', $2, true)
        """;

    private readonly NpgsqlDataSource source;
    private readonly ResiliencePipeline reading;
    private readonly ResiliencePipeline connecting;

    private PostgresDatabase(NpgsqlDataSource source)
    {
        this.source = source;
        reading = Retry(PostgresFailure.IsWorthReadingAgain);
        connecting = Retry(PostgresFailure.IsTransient);
    }

    internal ILogger Logger { get; private set; } = NullLogger.Instance;

    /// <param name="connectionString">Of the login that the caller is to be.</param>
    /// <exception cref="ArgumentException">Not a connection string.</exception>
    public static PostgresDatabase Open(string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        builder.ConnectionStringBuilder.ApplicationName ??= "orchestra";
        // Our own messages say it once, and without the statements.
        builder.UseLoggerFactory(NullLoggerFactory.Instance);
        // By which its connections are counted; else the connection string.
        builder.Name = "orchestra";
        return new(builder.Build());
    }

    /// <summary>Until then nobody hears of troubles but the callers.</summary>
    public void LogTo(ILoggerFactory loggers) => Logger = loggers.CreateLogger<PostgresDatabase>();

    public ValueTask DisposeAsync() => source.DisposeAsync();

    /// <summary>Reads within one snapshot; where the connection fails, anew on another.</summary>
    /// <exception cref="SyncException"><c>store_unavailable</c>, or <c>internal</c>.</exception>
    internal Task<T> ReadAsync<T>(
        Func<PostgresSession, Task<T>> work,
        CancellationToken cancellation
    ) => ReadAsync(first: null, work, cancellation);

    /// <summary>
    /// The same, of one owner's rows alone: the database shows no others, whatever the statements
    /// say. The session reads with <see cref="PostgresSession.ReadAsync"/> or by lists.
    /// </summary>
    /// <exception cref="SyncException"><c>store_unavailable</c>, or <c>internal</c>.</exception>
    internal Task<T> ReadOwnerAsync<T>(
        OwnerId owner,
        Func<PostgresSession, Task<T>> work,
        CancellationToken cancellation
    ) => ReadAsync(new Statement(BecomeReader, Of($"{owner}")), work, cancellation);

    /// <summary>The same, for a search, which is given up where it takes long.</summary>
    /// <exception cref="SyncException"><c>overloaded</c> too, see <see cref="SearchPatience"/>.</exception>
    internal async Task<T> SearchOwnerAsync<T>(
        OwnerId owner,
        Func<PostgresSession, Task<T>> work,
        CancellationToken cancellation
    )
    {
        var first = new Statement(
            BecomeSearcher,
            Of($"{owner}"),
            Of($"{(int)SearchPatience.Length.TotalMilliseconds}")
        );
        return await ReadAsync(
            first,
            async session =>
            {
                try
                {
                    return await work(session);
                }
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.QueryCanceled)
                {
                    throw SearchPatience.IsOver(e);
                }
            },
            cancellation
        );
    }

    private async Task<T> ReadAsync<T>(
        Statement? first,
        Func<PostgresSession, Task<T>> work,
        CancellationToken cancellation
    )
    {
        try
        {
            return await reading.ExecuteAsync(
                async token =>
                {
                    await using var connection = await source.OpenConnectionAsync(token);
                    await using var snapshot = await connection.BeginTransactionAsync(
                        IsolationLevel.RepeatableRead,
                        token
                    );
                    var found = await work(new PostgresSession(connection, first));
                    await snapshot.CommitAsync(token);
                    return found;
                },
                cancellation
            );
        }
        catch (Exception e) when (IsOfDatabase(e))
        {
            throw Translate(e);
        }
    }

    /// <summary>
    /// Statements that each stand for themselves and do no harm when they run twice; where the
    /// connection fails, anew on another.
    /// </summary>
    /// <exception cref="SyncException"><c>store_unavailable</c>, or <c>internal</c>.</exception>
    internal async Task<T> RunAsync<T>(
        Func<PostgresSession, Task<T>> work,
        CancellationToken cancellation
    )
    {
        try
        {
            return await reading.ExecuteAsync(
                async token =>
                {
                    await using var connection = await source.OpenConnectionAsync(token);
                    return await work(new PostgresSession(connection));
                },
                cancellation
            );
        }
        catch (Exception e) when (IsOfDatabase(e))
        {
            throw Translate(e);
        }
    }

    /// <summary>A connection for the caller alone. A failure means that nothing happened.</summary>
    internal async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellation) =>
        await connecting.ExecuteAsync(
            async token => await source.OpenConnectionAsync(token),
            cancellation
        );

    /// <summary>Does work again, a few times, where nothing of it happened.</summary>
    internal async Task TryAsync(Func<Task> work) =>
        await connecting.ExecuteAsync(async _ => await work(), CancellationToken.None);

    /// <summary>
    /// One connection has died, and the idle ones most likely with it: the next ones are new.
    /// </summary>
    internal void ForgetConnections() => source.Clear();

    internal static bool IsOfDatabase(Exception e) =>
        e is NpgsqlException or IOException or TimeoutException;

    /// <summary>What the caller is told, after the operator was told more.</summary>
    internal SyncException Translate(Exception e)
    {
        if (e is PostgresException { SqlState: PostgresFailure.ClockAhead })
        {
            StoreMeter.Count(StoreFailure.ClockAhead);
            DatabaseLog.ClockIsAhead(Logger);
        }
        var translated = PostgresFailure.ToSyncException(e);
        var isRefused = translated.Code == ErrorCode.Internal;
        StoreMeter.Count(isRefused ? StoreFailure.Refused : StoreFailure.Unavailable);
        if (isRefused)
            DatabaseLog.StatementFailed(Logger, (e as PostgresException)?.SqlState ?? "", e);
        else
            DatabaseLog.Unreachable(Logger, e.Message);
        if (e is not PostgresException)
            ForgetConnections();
        return translated;
    }

    private static ResiliencePipeline Retry(Func<Exception, bool> isWorthIt) =>
        new ResiliencePipelineBuilder()
            .AddRetry(
                new RetryStrategyOptions
                {
                    ShouldHandle = new PredicateBuilder().Handle<Exception>(isWorthIt),
                    MaxRetryAttempts = 3,
                    Delay = TimeSpan.FromMilliseconds(40),
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                }
            )
            .Build();
}
