using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestra.Sync.Wire;

/// <summary>What the server sends. The wire's own shapes; docs/protocol.md explains them.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "t")]
[JsonDerivedType(typeof(WelcomeMessage), "welcome")]
[JsonDerivedType(typeof(PushedMessage), "pushed")]
[JsonDerivedType(typeof(ChangesMessage), "changes")]
[JsonDerivedType(typeof(ResetMessage), "reset")]
[JsonDerivedType(typeof(CatalogMessage), "catalog")]
[JsonDerivedType(typeof(VerifiedMessage), "verified")]
[JsonDerivedType(typeof(PresentMessage), "presence")]
[JsonDerivedType(typeof(DrainMessage), "drain")]
[JsonDerivedType(typeof(PongMessage), "pong")]
[JsonDerivedType(typeof(ErrorMessage), "error")]
public abstract record ServerMessage;

public sealed record WelcomeMessage(
    int Protocol,
    Guid Session,
    OwnerId User,
    DateTimeOffset ServerTime,
    WireLineage Device,
    IReadOnlyList<WireHead> Heads,
    CatalogReference Catalog,
    WireLimits Limits
) : ServerMessage, IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => ListItems.Require(Heads);
}

/// <summary>What the server last took from the device: it compares this with its own list.</summary>
/// <param name="Id">The device.</param>
/// <param name="Priority">Its priority in ties.</param>
/// <param name="LastSeq">The last seq taken; 0 = none.</param>
/// <param name="LastChange">The change under that seq.</param>
public sealed record WireLineage(
    DeviceId Id,
    int Priority,
    long LastSeq,
    ChangeId? LastChange = null
);

public sealed record WireHead(OwnerId Owner, long Epoch, long Version);

public sealed record WireLimits(
    int FrameBytes,
    int PushChanges,
    int FieldBytes,
    int RowBytes,
    int WindowBytes
)
{
    public static readonly WireLimits Current = new(
        Sync.Limits.FrameBytes,
        Sync.Limits.PushChanges,
        Sync.Limits.FieldBytes,
        Sync.Limits.RowBytes,
        Sync.Limits.WindowBytes
    );
}

public sealed record PushedMessage(
    OwnerId Owner,
    IReadOnlyList<WireVerdict> Results,
    long? Ref = null
) : ServerMessage, IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => ListItems.Require(Results);
}

public sealed record WireVerdict(
    long Seq,
    ChangeStatus Status,
    long? Version = null,
    IReadOnlyDictionary<string, FieldValue>? Fields = null,
    ChangeStatus? Was = null,
    string? Code = null,
    string? Message = null,
    string? Field = null
);

/// <param name="Owner">Whose.</param>
/// <param name="Epoch">Which history.</param>
/// <param name="From">It covers (from, to].</param>
/// <param name="To">Where the device is after applying it.</param>
/// <param name="More">Whether the head is further on.</param>
/// <param name="Changes">In version order.</param>
/// <param name="Mark">The change id at <paramref name="To"/>, where the log still has it.</param>
/// <param name="Ref">Of the pull that it answers.</param>
/// <param name="Floor">Set on row frames.</param>
/// <param name="Digest">16 hex digits, where <paramref name="To"/> was the head.</param>
/// <param name="Rows">Live rows, likewise.</param>
public sealed record ChangesMessage(
    OwnerId Owner,
    long Epoch,
    long From,
    long To,
    bool More,
    IReadOnlyList<WireEntry> Changes,
    ChangeId? Mark = null,
    long? Ref = null,
    long? Floor = null,
    string? Digest = null,
    long? Rows = null
) : ServerMessage, IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => ListItems.Require(Changes);
}

/// <summary>Whether a row is there after an entry.</summary>
public enum WireOp : byte
{
    Put,
    Delete,
}

public sealed record WireEntry(
    long Version,
    string Entity,
    Guid Id,
    WireOp Op,
    DeviceId Device,
    DateTimeOffset EditedAt,
    IReadOnlyDictionary<string, FieldValue> Fields,
    long? Seq = null,
    ChangeId? Change = null
);

public sealed record ResetMessage(OwnerId Owner, long Epoch, long Kept, ResetReason Reason)
    : ServerMessage;

public sealed record CatalogMessage(WireCatalog Catalog) : ServerMessage;

public sealed record VerifiedMessage(
    OwnerId Owner,
    long At,
    string Digest,
    long Rows,
    long? Ref = null
) : ServerMessage;

public sealed record PresentMessage(IReadOnlyList<WirePresence> Devices)
    : ServerMessage,
        IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => ListItems.Require(Devices);
}

public sealed record WirePresence(
    DeviceId Id,
    DeviceKind Kind,
    string Name,
    JsonElement? State = null
);

public sealed record DrainMessage(long ReconnectAfterMs) : ServerMessage;

public sealed record PongMessage(long? Ref = null) : ServerMessage;

public sealed record ErrorMessage(
    string Code,
    bool Retryable,
    string Message,
    string? Field = null,
    long? Expected = null,
    long? RetryAfterMs = null,
    string? Trace = null,
    long? Ref = null
) : ServerMessage;
