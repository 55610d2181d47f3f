using Microsoft.Data.Sqlite;

namespace Orchestra.Client.Local;

/// <summary>An app's own SQL on a connection that only reads.</summary>
internal static class LocalQuery
{
    public static IReadOnlyList<T> Run<T>(
        SqliteConnection connection,
        string sql,
        Func<SqliteDataReader, T> read,
        IReadOnlyDictionary<string, object>? parameters
    )
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters ?? new Dictionary<string, object>())
            command.Parameters.AddWithValue(name, value);
        using var rows = command.ExecuteReader();
        var result = new List<T>();
        while (rows.Read())
            result.Add(read(rows));
        return result;
    }
}
