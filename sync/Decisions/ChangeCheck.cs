using Orchestra.Sync.Catalog;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Sync.Decisions;

/// <summary>Holds a change against the entity catalog. What passes, any store can keep.</summary>
public static class ChangeCheck
{
    /// <param name="catalog">The entity types.</param>
    /// <param name="change">As sent.</param>
    /// <param name="byServer">Whether the server itself writes: it may write read-only fields.</param>
    public static CheckedChange Check(EntityCatalog catalog, Change change, bool byServer = false)
    {
        var type = change.Op == ChangeOp.Void ? null : catalog.Find(change.Entity);
        var fields = new Dictionary<string, FieldValue>(change.Fields.Count);
        var rejection = CheckEnvelope(change);
        var row = default(RowKey);
        if (rejection is null && change.Op != ChangeOp.Void)
        {
            rejection =
                type is null
                    ? Reject(ErrorCode.UnknownEntity, "There is no such entity type", "entity")
                : !CanonicalUuid.TryParse(change.RowId, out var id) || id == Guid.Empty
                    ? Reject(ErrorCode.InvalidValue, "Not a UUID in lower case with hyphens", "id")
                : CheckRow(type, id, change, byServer, fields);
            if (rejection is null)
                row = new RowKey(type!.Name, Guid.ParseExact(change.RowId, "D"));
        }
        return new(change, type, row, fields, rejection);
    }

    private static Rejection? CheckEnvelope(Change change)
    {
        if (change.Base is < 0 or > Limits.MaxInteger)
            return Reject(ErrorCode.InvalidValue, "Not a version", "base");
        if (change.AgeMs is < 0 or > Limits.MaxAgeMs)
            return Reject(ErrorCode.InvalidValue, "Not an age in milliseconds", "age_ms");
        return change.First is { Count: > Limits.FirstPairs }
            ? Reject(ErrorCode.InvalidValue, $"More than {Limits.FirstPairs} pairs", "first")
            : null;
    }

    private static Rejection? CheckRow(
        EntityType type,
        Guid id,
        Change change,
        bool byServer,
        Dictionary<string, FieldValue> checkedFields
    )
    {
        if (type.ServerOwned && change.Op != ChangeOp.Update && !byServer)
            return Reject(ErrorCode.ReadOnlyField, $"Only the server makes {type.Name}", "id");
        if (change.Op is ChangeOp.Delete or ChangeOp.OfferDelete)
            return change.Fields.Count == 0
                ? null
                : Reject(ErrorCode.UnknownField, "A delete carries no fields", "fields");

        foreach (var (name, value) in change.Fields)
        {
            if (type.Find(name) is not { } field)
            {
                // A device says a row whole by its catalog, which may be a newer silo's, or from
                // before a field was taken away.
                if (
                    value.IsNull
                    && change.Op is ChangeOp.Create or ChangeOp.Offer
                    && !SyncColumns.All.Contains(name)
                )
                    continue;
                return Reject(ErrorCode.UnknownField, $"{type.Name} has no such field", name);
            }
            if (field.ServerOnly && !byServer)
                return Reject(ErrorCode.ReadOnlyField, "Only the server writes it", name);
            if (FieldCheck.Check(field, value, out var canonical) is { } rejection)
                return rejection;
            if (
                field.References == type.Name
                && canonical.Kind == FieldValueKind.Text
                && canonical.AsText() == change.RowId
            )
                return Reject(ErrorCode.InvalidValue, "A row cannot refer to itself", name);
            checkedFields[name] = canonical;
        }
        return CheckRequired(type, change, byServer) ?? CheckNaturalKey(type, id, change);
    }

    private static Rejection? CheckRequired(EntityType type, Change change, bool byServer)
    {
        if (change.Op == ChangeOp.Update)
            return null;
        foreach (var field in type.Fields)
            if (
                field.Required
                && (!field.ServerOnly || byServer)
                && !change.Fields.ContainsKey(field.Name)
            )
                return Reject(ErrorCode.RequiredField, "A new row needs it", field.Name);
        return null;
    }

    private static Rejection? CheckNaturalKey(EntityType type, Guid id, Change change)
    {
        var given = type.NaturalKey.Where(field => change.Fields.ContainsKey(field.Name)).ToList();
        if (given.Count == 0)
            return null;
        if (given.Count == type.NaturalKey.Count && NaturalKey.IdOf(type, change.Fields) == id)
            return null;
        return change.Op == ChangeOp.Update
            ? Reject(ErrorCode.ReadOnlyField, "It names the row and never changes", given[0].Name)
            : Reject(
                ErrorCode.InvalidValue,
                "The id is not the one that the natural key gives",
                "id"
            );
    }

    private static Rejection Reject(ErrorCode code, string message, string field) =>
        new(code, message, field);
}
