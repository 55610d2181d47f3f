using Microsoft.Data.Sqlite;
using Orchestra.Client.Local;
using Orchestra.Client.Outbox;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Errors;

namespace Orchestra.Client.Rows;

/// <summary>Reads rows the way the app sees them: own changes included.</summary>
internal static class AppView
{
    /// <summary>The row's fields; null if the app sees no such row.</summary>
    public static IReadOnlyDictionary<string, FieldValue>? Find(
        LocalTransaction transaction,
        string entity,
        Guid id
    ) =>
        transaction.Tables.Catalog.Find(entity) is { } type
            ? FindKnown(transaction.Sql, type, id)
            : FindUnknown(transaction, entity, id);

    /// <exception cref="SyncException"><c>unknown_entity</c>.</exception>
    public static List<EntityRow> All(LocalTransaction transaction, string entity)
    {
        var type = EditCheck.RequireType(transaction.Tables.Catalog, entity);
        return transaction.Sql.Query(
            $"select * from {SqlName.Quote(entity)} order by id",
            row => Row(type, row)
        );
    }

    /// <summary>The row with its version; null if the app sees no such row.</summary>
    /// <exception cref="SyncException"><c>unknown_entity</c>.</exception>
    public static EntityRow? FindRow(LocalTransaction transaction, string entity, Guid id)
    {
        var type = EditCheck.RequireType(transaction.Tables.Catalog, entity);
        return transaction
            .Sql.Query(
                $"select * from {SqlName.Quote(entity)} where id = $1",
                row => Row(type, row),
                id.ToString()
            )
            .SingleOrDefault();
    }

    /// <summary>The row of a type's view that a reader stands on.</summary>
    public static EntityRow Row(EntityType type, SqliteDataReader row) =>
        new(
            Guid.Parse(row.GetString(row.GetOrdinal("id"))),
            (long)row["version"],
            Fields(type, row)
        );

    /// <summary>What a row's own changes make of it, one after another; null if that is nothing.</summary>
    public static Dictionary<string, FieldValue>? Fold(IEnumerable<OutboxChange> changes)
    {
        Dictionary<string, FieldValue>? row = null;
        foreach (var change in changes)
        {
            if (change.Op is ChangeOp.Delete or ChangeOp.OfferDelete)
            {
                row = null;
                continue;
            }
            row ??= [];
            foreach (var (name, value) in change.Fields)
                row[name] = value;
        }
        return row;
    }

    private static Dictionary<string, FieldValue> Fields(EntityType type, SqliteDataReader row) =>
        type.Fields.ToDictionary(
            field => field.Name,
            field => ColumnValue.FromSql(field, row[field.Name])
        );

    private static Dictionary<string, FieldValue>? FindKnown(
        Statements sql,
        EntityType type,
        Guid id
    ) =>
        sql.Query(
                $"select * from {SqlName.Quote(type.Name)} where id = $1",
                row => Fields(type, row),
                id.ToString()
            )
            .SingleOrDefault();

    /// <summary>Before the first contact there is no catalog: then the outbox is all there is.</summary>
    private static Dictionary<string, FieldValue>? FindUnknown(
        LocalTransaction transaction,
        string entity,
        Guid id
    ) => Fold(transaction.Outbox.OfRow(entity, id));
}
