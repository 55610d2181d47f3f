using Microsoft.Data.Sqlite;
using Orchestra.Client.Rows;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;

namespace Orchestra.Client.Local;

/// <summary>
/// The device's SQLite file. One connection writes, one transaction at a time; other processes may
/// do the same beside it.
/// </summary>
internal sealed class LocalDatabase : IAsyncDisposable
{
    private readonly SqliteConnection connection;
    private readonly Statements sql;
    private readonly TimeProvider time;
    private readonly Surroundings around;
    private readonly SemaphoreSlim turn = new(1, 1);
    private ServerTables tables;

    private LocalDatabase(
        string path,
        SqliteConnection connection,
        TimeProvider time,
        Surroundings around
    )
    {
        Path = path;
        this.connection = connection;
        this.time = time;
        this.around = around;
        sql = new Statements(connection);
        tables = ServerTables.Load(sql, null);
    }

    /// <summary>After a transaction that may have written is durable, in the order of commits.</summary>
    public event Action<LocalCommit>? Committed;

    public string Path { get; }

    /// <summary>What types there are, as of the last transaction.</summary>
    public EntityCatalog Catalog => Volatile.Read(ref tables).Catalog;

    /// <summary>Opens the file; creates it, and with it the device, if there is none.</summary>
    public static LocalDatabase Open(
        string path,
        NewDevice device,
        TimeProvider time,
        Surroundings? around = null
    )
    {
        around ??= Surroundings.Machine;
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString()
        );
        try
        {
            connection.Open();
            LocalSchema.Prepare(connection, device, around.NewId);
            return new LocalDatabase(path, connection, time, around);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The first transaction, on the calling thread; nothing else may use the database yet.
    /// </summary>
    public T Begin<T>(Func<LocalTransaction, T> work) => Transact("begin immediate", work);

    /// <summary>
    /// Runs <paramref name="work"/> in one transaction, which commits if it returns and leaves no
    /// trace if it throws.
    /// </summary>
    public Task<T> WriteAsync<T>(Func<LocalTransaction, T> work, CancellationToken cancel) =>
        InTurnAsync(
            () =>
            {
                var (result, commit) = Transact(
                    "begin immediate",
                    local =>
                    {
                        var result = work(local);
                        return (result, local.Describe());
                    }
                );
                // Whoever hears of a new catalog finds it here.
                if (commit.Touched.AreAll)
                    Volatile.Write(ref tables, ServerTables.Load(sql, tables));
                Committed?.Invoke(commit);
                return result;
            },
            cancel
        );

    /// <summary>Runs <paramref name="work"/> on one snapshot.</summary>
    public Task<T> ReadAsync<T>(Func<LocalTransaction, T> work, CancellationToken cancel) =>
        InTurnAsync(() => Transact("begin", work), cancel);

    /// <summary>Something else has written into the file; everything may be different.</summary>
    public Task AnnounceForeignWritesAsync(CancellationToken cancel) =>
        InTurnAsync(
            () =>
            {
                var commit = Transact(
                    "begin",
                    local => new LocalCommit(
                        TouchedTypes.All,
                        local.State.Cursor.Version,
                        local.Outbox.Count()
                    )
                );
                Committed?.Invoke(commit);
                return commit;
            },
            cancel
        );

    /// <summary>A connection of the caller's own that sees every committed write.</summary>
    public SqliteConnection OpenReader()
    {
        var reader = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = Path,
                Mode = SqliteOpenMode.ReadOnly,
                Pooling = false,
            }.ToString()
        );
        reader.Open();
        return reader;
    }

    public async ValueTask DisposeAsync()
    {
        await turn.WaitAsync();
        sql.Dispose();
        await connection.DisposeAsync();
        turn.Dispose();
    }

    private async Task<T> InTurnAsync<T>(Func<T> work, CancellationToken cancel)
    {
        // Turns are short, so there is no need to give up waiting for one.
        await turn.WaitAsync(CancellationToken.None);
        try
        {
            return await Task.Factory.StartNew(
                work,
                cancel,
                TaskCreationOptions.DenyChildAttach,
                around.Scheduler
            );
        }
        finally
        {
            turn.Release();
        }
    }

    private T Transact<T>(string begin, Func<LocalTransaction, T> work)
    {
        sql.Execute(begin);
        try
        {
            // Another process may have brought a newer catalog since the last transaction.
            Volatile.Write(ref tables, ServerTables.Load(sql, tables));
            var transaction = new LocalTransaction(sql, tables, time, around);
            var result = work(transaction);
            transaction.Save();
            sql.Execute("commit");
            return result;
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    private void RollBack()
    {
        try
        {
            sql.Run("rollback");
        }
        catch (SqliteException)
        {
            // SQLite has ended the transaction itself, as it does when the disk is full.
        }
    }
}

/// <summary>What to call the device, should the database have to be created.</summary>
internal sealed record NewDevice(DeviceKind Kind, string Name);
