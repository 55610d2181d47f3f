using Orchestra.Sync.Catalog;

namespace Orchestra.Sync.Decisions;

/// <summary>
/// A change after it was held against the entity catalog: either it names a row and carries values
/// that the row can hold, or it is rejected already.
/// </summary>
/// <param name="Sent">As it came.</param>
/// <param name="Type">Its entity type; null for a void, or where there is none.</param>
/// <param name="Row">The row; meaningless when rejected or void.</param>
/// <param name="Fields">
/// The values, each in its type's one spelling. Row and log may share the dictionary: it stays as it is.
/// </param>
/// <param name="Rejection">Why it cannot take effect whatever the data.</param>
public sealed record CheckedChange(
    Change Sent,
    EntityType? Type,
    RowKey Row,
    Dictionary<string, FieldValue> Fields,
    Rejection? Rejection
)
{
    /// <summary>Whether it tries to write a row at all.</summary>
    public bool IsWrite => Rejection is null && Sent.Op != ChangeOp.Void;

    public bool IsDelete => Sent.Op is ChangeOp.Delete or ChangeOp.OfferDelete;

    /// <summary>Offers give back what a restored server lost: they claim to know nothing.</summary>
    public bool IsOffer => Sent.Op is ChangeOp.Offer or ChangeOp.OfferDelete;

    /// <summary>Whether it may make a row that is not there.</summary>
    public bool CanCreate => Sent.Op is ChangeOp.Create or ChangeOp.Offer;

    public CheckedChange Refuse(Rejection why) => this with { Rejection = why };
}

/// <summary>A push whose changes are checked, with the moment the grain accepted it.</summary>
/// <param name="Device">Who sent it; <see cref="DeviceId.Server"/> for the server's own writes.</param>
/// <param name="Epoch">The history the device believes in.</param>
/// <param name="Settled">Verdicts up to this seq need not be kept.</param>
/// <param name="Changes">In order.</param>
/// <param name="Replaces">The identity the device gave up.</param>
/// <param name="Receipt">Taken once; retries inside the server keep it.</param>
/// <param name="OnlyAfter">
/// Nothing happens unless the owner's last commit has this number; null = whatever happened before.
/// </param>
public sealed record ReceivedPush(
    DeviceId Device,
    long Epoch,
    long Settled,
    IReadOnlyList<CheckedChange> Changes,
    DeviceSeq? Replaces,
    DateTimeOffset Receipt,
    long? OnlyAfter = null
)
{
    public bool IsServer => Device == DeviceId.Server;

    /// <summary>Its first changes.</summary>
    public ReceivedPush UpTo(int count) => this with { Changes = [.. Changes.Take(count)] };

    /// <summary>Its other changes.</summary>
    public ReceivedPush From(int count) => this with { Changes = [.. Changes.Skip(count)] };
}
