using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Orchestra.Sync.Search;

namespace Orchestra.Database.Sqlite;

/// <summary>
/// One SQLite file, or one database in memory: a single writing connection that callers queue for,
/// and a few reading ones beside it. Work runs on a thread of its own, because SQLite blocks.
/// </summary>
public sealed class SqliteDatabase : IDisposable
{
    private const int Readers = 4;

    /// <summary>The others are left to what is asked for in passing.</summary>
    private const int Searchers = 2;

    private static readonly TimeSpan DefaultBusyTimeout = TimeSpan.FromSeconds(5);

    private readonly SqliteConnectionStringBuilder settings;
    private readonly TimeSpan busyTimeout;
    private readonly bool isInMemory;
    private readonly SqliteSession writer;
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly SemaphoreSlim reading = new(Readers, Readers);
    private readonly SemaphoreSlim searching = new(Searchers, Searchers);
    private readonly ConcurrentBag<SqliteSession> readers = [];

    private SqliteDatabase(string path, bool isInMemory, TimeSpan busyTimeout)
    {
        settings = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false,
            // SQLite itself waits for a lock; the provider, which would sleep, must not after it.
            DefaultTimeout = 1,
        };
        this.isInMemory = isInMemory;
        this.busyTimeout = busyTimeout;
        writer = Connect();
        if (!isInMemory)
            writer.ExecuteScript("pragma journal_mode = wal; pragma synchronous = full;");
        writer.ExecuteScript("pragma foreign_keys = on;");
    }

    /// <summary>Opens a file, and makes it and its folder where there is none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="busyTimeout">How long to wait for another process's lock; null = 5 s.</param>
    public static SqliteDatabase OpenFile(string path, TimeSpan? busyTimeout = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return new(path, isInMemory: false, busyTimeout ?? DefaultBusyTimeout);
    }

    /// <summary>
    /// Opens an empty database that lives as long as this object. It has one connection, for reading
    /// too, and runs on the caller's thread, so that a simulated run stays in its own order.
    /// </summary>
    public static SqliteDatabase OpenInMemory() =>
        new(":memory:", isInMemory: true, DefaultBusyTimeout);

    /// <summary>Runs work on the writing connection; it makes its own transactions.</summary>
    internal async Task<T> WriteAsync<T>(
        Func<SqliteSession, T> work,
        CancellationToken cancellation
    )
    {
        await writing.WaitAsync(cancellation);
        try
        {
            return await RunAsync(() => work(writer));
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Runs work within one transaction, so that all it reads is of one moment.</summary>
    internal async Task<T> ReadAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellation)
    {
        if (isInMemory)
            return await WriteAsync(session => ReadSnapshot(session, work), cancellation);
        await reading.WaitAsync(cancellation);
        try
        {
            return await RunAsync(() => ReadOnReader(work));
        }
        finally
        {
            reading.Release();
        }
    }

    /// <summary>The same, for a search, which is given up where it takes long.</summary>
    /// <exception cref="Sync.Errors.SyncException"><c>overloaded</c>, see <see cref="SearchPatience"/>.</exception>
    internal async Task<T> SearchAsync<T>(
        Func<SqliteSession, T> work,
        CancellationToken cancellation
    )
    {
        // A simulated run has no time but its own.
        if (isInMemory)
            return await ReadAsync(work, cancellation);
        await searching.WaitAsync(cancellation);
        try
        {
            return await ReadAsync(
                session => session.Within(SearchPatience.Length, () => work(session)),
                cancellation
            );
        }
        finally
        {
            searching.Release();
        }
    }

    /// <summary>Puts everything that is here in the place of everything that is there.</summary>
    internal void CopyTo(SqliteDatabase other) => writer.CopyTo(other.writer);

    public void Dispose()
    {
        while (readers.TryTake(out var reader))
            reader.Dispose();
        writer.Dispose();
        writing.Dispose();
        reading.Dispose();
        searching.Dispose();
    }

    private T ReadOnReader<T>(Func<SqliteSession, T> work)
    {
        if (!readers.TryTake(out var reader))
        {
            reader = Connect();
            reader.ExecuteScript("pragma query_only = on;");
        }
        try
        {
            return ReadSnapshot(reader, work);
        }
        finally
        {
            readers.Add(reader);
        }
    }

    private static T ReadSnapshot<T>(SqliteSession session, Func<SqliteSession, T> work)
    {
        session.Begin();
        try
        {
            return work(session);
        }
        finally
        {
            session.Rollback();
        }
    }

    private async Task<T> RunAsync<T>(Func<T> work)
    {
        try
        {
            return isInMemory ? work() : await Task.Run(work);
        }
        catch (SqliteException e) when (SqliteFailure.IsUnavailable(e))
        {
            throw SqliteFailure.ToSyncException(e);
        }
    }

    private SqliteSession Connect()
    {
        var connection = new SqliteConnection(settings.ToString());
        connection.Open();
        var session = new SqliteSession(connection);
        session.ExecuteScript($"pragma busy_timeout = {(long)busyTimeout.TotalMilliseconds};");
        return session;
    }
}
