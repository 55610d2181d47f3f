using System.Text.Json;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Outbox;

/// <summary>
/// Refuses at once what the server would refuse later, by the server's own rules. Without a
/// catalog, before the first contact, anything goes.
/// </summary>
internal static class EditCheck
{
    /// <returns>The values in their fields' one spelling.</returns>
    /// <exception cref="SyncException">
    /// <c>unknown_entity</c>, <c>unknown_field</c>, <c>read_only_field</c>, <c>required_field</c>,
    /// <c>invalid_value</c>, <c>value_too_large</c>.
    /// </exception>
    public static IReadOnlyDictionary<string, FieldValue> Check(
        EntityCatalog catalog,
        Edit edit,
        ChangeOp op,
        IReadOnlyDictionary<string, FieldValue> fields
    )
    {
        RequireJson(edit, fields);
        if (catalog.Types.Count == 0)
            return fields;
        RequireType(catalog, edit.Entity);
        var change = new Change(0, default, edit.Entity, edit.Id.ToString(), op, 0, 0, fields);
        var result = ChangeCheck.Check(catalog, change);
        return result.Rejection is { } rejection
            ? throw new SyncException(
                rejection.Code,
                Explain(catalog, edit, rejection),
                rejection.Field
            )
            : result.Fields;
    }

    /// <exception cref="SyncException"><c>unknown_entity</c>.</exception>
    public static EntityType RequireType(EntityCatalog catalog, string entity) =>
        catalog.Find(entity)
        ?? throw new SyncException(
            ErrorCode.UnknownEntity,
            catalog.Types.Count == 0
                ? "This database has not met its server yet, so it knows no entity types"
                : $"There is no entity type {entity}; there are "
                    + string.Join(", ", catalog.Types.Select(type => type.Name)),
            "entity"
        );

    /// <summary>What could not be read back would wedge the outbox.</summary>
    private static void RequireJson(Edit edit, IReadOnlyDictionary<string, FieldValue> fields)
    {
        try
        {
            WireCodec.ReadFields(WireCodec.WriteFields(fields));
        }
        catch (JsonException e)
        {
            throw new SyncException(
                ErrorCode.InvalidValue,
                $"{edit.Entity}: a value is not JSON of at most {Limits.JsonDepth} levels",
                e
            );
        }
    }

    private static string Explain(EntityCatalog catalog, Edit edit, Rejection rejection) =>
        rejection.Code switch
        {
            ErrorCode.UnknownField => $"{edit.Entity} has no field {rejection.Field}; it has "
                + string.Join(", ", catalog[edit.Entity].Fields.Select(field => field.Name)),
            _ => $"{edit.Entity}.{rejection.Field}: {rejection.Message}",
        };
}
