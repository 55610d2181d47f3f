using Microsoft.Data.Sqlite;
using Orchestra.Client.Local;
using Orchestra.Sync.Catalog;

namespace Orchestra.Client.Rows;

/// <summary>Rows of several types from one snapshot, one at a time.</summary>
internal static class RowStream
{
    public static IEnumerable<KeyValuePair<string, EntityRow>> Read(
        LocalDatabase database,
        IReadOnlyList<EntityType> types
    )
    {
        using var connection = database.OpenReader();
        using var snapshot = connection.BeginTransaction(deferred: true);
        foreach (var type in types)
        foreach (var row in Read(connection, snapshot, type))
            yield return new(type.Name, row);
    }

    private static IEnumerable<EntityRow> Read(
        SqliteConnection connection,
        SqliteTransaction snapshot,
        EntityType type
    )
    {
        using var command = connection.CreateCommand();
        command.Transaction = snapshot;
        command.CommandText = $"select * from {SqlName.Quote(type.Name)} order by id";
        using var rows = command.ExecuteReader();
        while (rows.Read())
            yield return AppView.Row(type, rows);
    }
}
