using Orchestra.Sync;

namespace Orchestra.Grains.Owner;

/// <summary>What the server itself writes.</summary>
internal static class ServerChange
{
    public static Change Of(
        ChangeOp op,
        string entity,
        Guid id,
        IReadOnlyDictionary<string, FieldValue> fields
    ) =>
        new(
            Seq: 0,
            new ChangeId(Guid.NewGuid()),
            entity,
            id.ToString("D"),
            op,
            Base: 0,
            AgeMs: 0,
            fields
        );
}
