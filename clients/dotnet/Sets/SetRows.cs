using Microsoft.Data.Sqlite;
using Orchestra.Client.Local;
using Orchestra.Client.Outbox;
using Orchestra.Client.Rows;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Errors;

namespace Orchestra.Client.Sets;

/// <summary>The rows of one type as the app sees them, on a connection that only reads.</summary>
internal static class SetRows
{
    /// <param name="connection">Where to read.</param>
    /// <param name="catalog">As the database knows it.</param>
    /// <param name="entity">The entity type.</param>
    /// <param name="rest">What follows <c>select * from …</c>.</param>
    /// <param name="parameters">By their names in <paramref name="rest"/>.</param>
    /// <exception cref="SyncException"><c>unknown_entity</c>.</exception>
    public static IReadOnlyList<EntityRow> Read(
        SqliteConnection connection,
        EntityCatalog catalog,
        string entity,
        string rest,
        IReadOnlyDictionary<string, object>? parameters
    )
    {
        if (catalog.Types.Count == 0 && rest.Length == 0)
            return ReadUnsent(connection, entity);
        var type = EditCheck.RequireType(catalog, entity);
        return LocalQuery.Run(
            connection,
            $"select * from {SqlName.Quote(entity)} {rest}",
            row => AppView.Row(type, row),
            parameters
        );
    }

    /// <summary>Before the first contact there are no views: the outbox is all there is.</summary>
    private static List<EntityRow> ReadUnsent(SqliteConnection connection, string entity)
    {
        using var sql = new Statements(connection);
        var changes = new OutboxTable(sql, new TouchedTypes()).OfType(entity);
        return
        [
            .. from change in changes
            group change by change.RowId into row
            orderby row.Key
            let fields = AppView.Fold(row)
            where fields is not null
            select new EntityRow(Guid.Parse(row.Key), 0, fields),
        ];
    }
}
