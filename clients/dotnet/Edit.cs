using Orchestra.Sync;

namespace Orchestra.Client;

/// <summary>What an app wants to become of one row.</summary>
/// <param name="Entity">The entity type.</param>
/// <param name="Id">The row.</param>
/// <param name="Fields">The values it should have; null to delete it.</param>
public sealed record Edit(string Entity, Guid Id, IReadOnlyDictionary<string, FieldValue>? Fields)
{
    /// <summary>Gives the row these values, whether it exists or not.</summary>
    public static Edit Put(
        string entity,
        Guid id,
        IReadOnlyDictionary<string, FieldValue> fields
    ) => new(entity, id, fields);

    /// <summary>Deletes the row, if it is there.</summary>
    public static Edit Delete(string entity, Guid id) => new(entity, id, null);
}
