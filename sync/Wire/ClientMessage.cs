using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestra.Sync.Wire;

/// <summary>What a client sends. The wire's own shapes; docs/protocol.md explains them.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "t")]
[JsonDerivedType(typeof(HelloMessage), "hello")]
[JsonDerivedType(typeof(PushMessage), "push")]
[JsonDerivedType(typeof(AckMessage), "ack")]
[JsonDerivedType(typeof(PullMessage), "pull")]
[JsonDerivedType(typeof(VerifyMessage), "verify")]
[JsonDerivedType(typeof(TokenMessage), "token")]
[JsonDerivedType(typeof(PresenceMessage), "presence")]
[JsonDerivedType(typeof(PingMessage), "ping")]
public abstract record ClientMessage;

public sealed record HelloMessage(
    int Protocol,
    WireDevice Device,
    IReadOnlyList<WireCursor> Cursors,
    string? Token = null,
    string? Catalog = null,
    IReadOnlyList<string>? Entities = null
) : ClientMessage, IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized()
    {
        ListItems.Require(Cursors);
        ListItems.Require(Entities);
    }
}

public sealed record WireDevice(DeviceId Id, DeviceKind Kind, string Name, string App);

public sealed record WireCursor(
    OwnerId Owner,
    long Epoch,
    long Version,
    ChangeId? Mark = null,
    long? Floor = null
);

/// <param name="Owner">Whose data.</param>
/// <param name="Epoch">The history the client believes in.</param>
/// <param name="Settled">Verdicts up to this seq are durably known to the device.</param>
/// <param name="Changes">In seq order, without gaps.</param>
/// <param name="Ref">Comes back in the answer.</param>
/// <param name="Replaces">On a renewed device's first push: the identity it gave up.</param>
/// <param name="Device">Over HTTP only, where there is no hello.</param>
public sealed record PushMessage(
    OwnerId Owner,
    long Epoch,
    long Settled,
    IReadOnlyList<WireChange> Changes,
    long? Ref = null,
    WireDeviceSeq? Replaces = null,
    WireDevice? Device = null
) : ClientMessage, IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => ListItems.Require(Changes);
}

/// <remarks>Entity and id are text here: what is wrong with them is one change's matter.</remarks>
public sealed record WireChange(
    long Seq,
    ChangeId Change,
    ChangeOp Op,
    string? Entity = null,
    string? Id = null,
    long Base = 0,
    long AgeMs = 0,
    long? Tx = null,
    Dictionary<string, FieldValue>? Fields = null,
    IReadOnlyList<WireDeviceSeq>? First = null
) : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => ListItems.Require(First);
}

public sealed record WireDeviceSeq(DeviceId Device, long Seq);

public sealed record AckMessage(OwnerId Owner, long Epoch, long Version) : ClientMessage;

public sealed record PullMessage(
    OwnerId Owner,
    long Epoch,
    long Since,
    long? Ref = null,
    ChangeId? Mark = null,
    long? Floor = null,
    IReadOnlyList<string>? Entities = null
) : ClientMessage, IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => ListItems.Require(Entities);
}

public sealed record VerifyMessage(OwnerId Owner, IReadOnlyList<string> Entities, long? Ref = null)
    : ClientMessage,
        IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => ListItems.Require(Entities);
}

public sealed record TokenMessage(string Token) : ClientMessage;

public sealed record PresenceMessage(JsonElement State) : ClientMessage;

public sealed record PingMessage(long? Ref = null) : ClientMessage;
