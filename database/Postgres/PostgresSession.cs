using Npgsql;

namespace Orchestra.Database.Postgres;

/// <summary>A statement with its parameters, which are <c>$1</c>, <c>$2</c> … in its text.</summary>
internal readonly record struct Statement(string Sql, params NpgsqlParameter[] Values);

/// <summary>One connection while one caller has it.</summary>
/// <param name="connection">The connection.</param>
/// <param name="first">
/// Goes before the first query, in the same round trip; its answer is of no interest.
/// </param>
internal sealed class PostgresSession(NpgsqlConnection connection, Statement? first = null)
{
    private Statement? waiting = first;

    public NpgsqlConnection Connection => connection;

    /// <summary>All rows of a query.</summary>
    public async Task<List<T>> ListAsync<T>(Statement statement, Func<NpgsqlDataReader, T> read)
    {
        var list = new List<T>();
        await ReadAsync([statement], (_, row) => list.Add(read(row)));
        return list;
    }

    /// <summary>
    /// Several queries in one round trip. Those of the log are not prepared: each is planned for the
    /// bounds at hand, which is what keeps a pull to the months it needs.
    /// </summary>
    /// <param name="statements">Queries.</param>
    /// <param name="read">Gets each row, with the number of the query that it answers.</param>
    /// <param name="prepared">Whether they are planned once a connection.</param>
    public async Task ReadAsync(
        IReadOnlyList<Statement> statements,
        Action<int, NpgsqlDataReader> read,
        bool prepared = false
    )
    {
        if (statements.Count == 0)
            return;
        await using var batch = new NpgsqlBatch(connection);
        var before = waiting;
        waiting = null;
        if (before is { } statementBefore)
            batch.Add(statementBefore);
        foreach (var statement in statements)
            batch.Add(statement);
        if (prepared)
            await batch.PrepareAsync();
        await using var reader = await batch.ExecuteReaderAsync();
        if (before is not null)
            await reader.NextResultAsync();
        for (var i = 0; i < statements.Count; i++)
        {
            while (await reader.ReadAsync())
                read(i, reader);
            await reader.NextResultAsync();
        }
    }

    /// <summary>Runs a statement and says how many rows it touched.</summary>
    public async Task<int> ExecuteAsync(Statement statement)
    {
        await using var command = new NpgsqlCommand(statement.Sql, connection);
        foreach (var value in statement.Values)
            command.Parameters.Add(value);
        return await command.ExecuteNonQueryAsync();
    }
}

internal static class BatchStatements
{
    public static void Add(this NpgsqlBatch batch, Statement statement)
    {
        var command = new NpgsqlBatchCommand(statement.Sql);
        foreach (var value in statement.Values)
            command.Parameters.Add(value);
        batch.BatchCommands.Add(command);
    }
}
