using Orchestra.Client.Local;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;

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

    private static Dictionary<string, FieldValue>? FindKnown(
        Statements sql,
        EntityType type,
        Guid id
    ) =>
        sql.Query(
                $"select * from {SqlName.Quote(type.Name)} where id = $1",
                row =>
                    type.Fields.ToDictionary(
                        field => field.Name,
                        field => ColumnValue.FromSql(field, row[field.Name])
                    ),
                id.ToString()
            )
            .SingleOrDefault();

    /// <summary>Before the first contact there is no catalog: then the outbox is all there is.</summary>
    private static Dictionary<string, FieldValue>? FindUnknown(
        LocalTransaction transaction,
        string entity,
        Guid id
    )
    {
        Dictionary<string, FieldValue>? row = null;
        foreach (var change in transaction.Outbox.OfRow(entity, id))
        {
            if (change.Op == ChangeOp.Delete)
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
}
