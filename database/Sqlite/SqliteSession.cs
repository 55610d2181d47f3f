using Microsoft.Data.Sqlite;
using Orchestra.Sync.Search;
using SQLitePCL;

namespace Orchestra.Database.Sqlite;

/// <summary>
/// One connection with the statements it has prepared. Used by one caller at a time.
/// </summary>
internal sealed class SqliteSession : IDisposable
{
    /// <summary>
    /// Updates come in as many texts as there are sets of changed fields; a client that sends every
    /// combination must not fill the memory. Queries are as few as the catalog has types.
    /// </summary>
    private const int MaxPrepared = 512;

    private static readonly TimeSpan InterruptAgain = TimeSpan.FromMilliseconds(100);

    private readonly SqliteConnection connection;
    private readonly Dictionary<string, SqliteCommand> prepared = [];

    public SqliteSession(SqliteConnection connection) => this.connection = connection;

    /// <summary>Runs a statement and says how many rows it touched.</summary>
    /// <param name="sql">The text; the same text always comes with the same parameters.</param>
    /// <param name="values">Parameters with their <c>@</c>; null stands for NULL.</param>
    public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        if (prepared.Count >= MaxPrepared)
            Forget();
        return Prepare(sql, values).ExecuteNonQuery();
    }

    /// <inheritdoc cref="Execute"/>
    /// <returns>A reader that the caller disposes.</returns>
    public SqliteDataReader Query(
        string sql,
        params ReadOnlySpan<(string Name, object? Value)> values
    ) => Prepare(sql, values).ExecuteReader();

    /// <summary>All rows of a query.</summary>
    public List<T> List<T>(
        string sql,
        Func<SqliteDataReader, T> read,
        params ReadOnlySpan<(string Name, object? Value)> values
    )
    {
        using var reader = Query(sql, values);
        var list = new List<T>();
        while (reader.Read())
            list.Add(read(reader));
        return list;
    }

    /// <summary>Reads, and is interrupted when the time is up.</summary>
    /// <exception cref="Sync.Errors.SyncException"><c>overloaded</c></exception>
    public T Within<T>(TimeSpan patience, Func<T> work)
    {
        var (gate, isOver) = (new Lock(), false);
        // Again and again, because it is forgotten between two statements.
        using var timer = new Timer(_ => Interrupt(), null, patience, InterruptAgain);
        try
        {
            return work();
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            throw SearchPatience.IsOver(e);
        }
        finally
        {
            lock (gate)
                isOver = true;
        }

        void Interrupt()
        {
            lock (gate)
                if (!isOver)
                    raw.sqlite3_interrupt(connection.Handle);
        }
    }

    /// <summary>Runs a whole script, which is not kept.</summary>
    public void ExecuteScript(string script)
    {
        using var command = connection.CreateCommand();
        command.CommandText = script;
        command.ExecuteNonQuery();
    }

    public void CopyTo(SqliteSession other) => connection.BackupDatabase(other.connection);

    public void Begin() => Execute("begin");

    /// <summary>Begins a transaction that holds the write lock from the start.</summary>
    public void BeginWriting() => Execute("begin immediate");

    public void Commit() => Execute("commit");

    /// <summary>Ends a transaction without effect, unless an error has ended it already.</summary>
    public void Rollback()
    {
        if (raw.sqlite3_get_autocommit(connection.Handle) == 0)
            Execute("rollback");
    }

    public void Dispose()
    {
        Forget();
        connection.Dispose();
    }

    private SqliteCommand Prepare(string sql, ReadOnlySpan<(string Name, object? Value)> values)
    {
        if (!prepared.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, _) in values)
                command.Parameters.Add(new SqliteParameter { ParameterName = name });
            prepared.Add(sql, command);
        }
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i].Value ?? DBNull.Value;
        return command;
    }

    private void Forget()
    {
        foreach (var command in prepared.Values)
            command.Dispose();
        prepared.Clear();
    }
}
