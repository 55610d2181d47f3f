using Microsoft.Data.Sqlite;

namespace Orchestra.Client.Local;

/// <summary>
/// The statements of one connection, each prepared once. Parameters are written <c>$1</c>,
/// <c>$2</c> … in the order of the values.
/// </summary>
internal sealed class Statements(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> commands = [];
    private readonly Dictionary<string, PreparedStatement> prepared = [];

    public int Execute(string sql, params ReadOnlySpan<object?> values) =>
        Command(sql, values).ExecuteNonQuery();

    public List<T> Query<T>(
        string sql,
        Func<SqliteDataReader, T> read,
        params ReadOnlySpan<object?> values
    )
    {
        using var reader = Command(sql, values).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    public long Number(string sql, params ReadOnlySpan<object?> values) =>
        Command(sql, values).ExecuteScalar() is long number ? number : 0;

    /// <summary>For what runs once a row. Kept: the same text gives the same statement.</summary>
    public PreparedStatement Prepare(string sql)
    {
        if (!prepared.TryGetValue(sql, out var statement))
            prepared[sql] = statement = new PreparedStatement(connection, sql);
        return statement;
    }

    /// <summary>Several statements in one text: schema, transaction control. Not kept.</summary>
    public void Run(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        foreach (var command in commands.Values)
            command.Dispose();
        foreach (var statement in prepared.Values)
            statement.Dispose();
    }

    private SqliteCommand Command(string sql, ReadOnlySpan<object?> values)
    {
        if (!commands.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 1; i <= values.Length; i++)
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
            commands.Add(sql, command);
        }
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }
}
