using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Search;

namespace Orchestra.Sync.Wire;

/// <summary>Every shape that crosses the wire, compiled.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(ClientMessage))]
[JsonSerializable(typeof(ServerMessage))]
[JsonSerializable(typeof(WireCatalog))]
[JsonSerializable(typeof(WireConflicts))]
[JsonSerializable(typeof(WireDevices))]
[JsonSerializable(typeof(WireContent))]
[JsonSerializable(typeof(WireFound))]
[JsonSerializable(typeof(WireVectorSearch))]
[JsonSerializable(typeof(WireEmbedding))]
[JsonSerializable(typeof(DevicePatch))]
[JsonSerializable(typeof(FieldValue))]
[JsonSerializable(typeof(Dictionary<string, FieldValue>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, FieldValue>))]
internal sealed partial class WireContext : JsonSerializerContext
{
    /// <summary>Strict where the input is a stranger's: see docs/protocol.md, Transport.</summary>
    internal static readonly WireContext Strict = new(
        new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Encoder = MinimalJsonEncoder.Instance,
            MaxDepth = Limits.JsonDepth,
            AllowDuplicateProperties = false,
            AllowOutOfOrderMetadataProperties = true,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            Converters =
            {
                new UuidConverter<Guid>(id => id, id => id),
                new UuidConverter<OwnerId>(id => new(id), id => id.Value),
                new UuidConverter<DeviceId>(id => new(id), id => id.Value),
                new UuidConverter<ChangeId>(id => new(id), id => id.Value),
                new TimestampConverter(),
                new FieldValueConverter(),
                new JsonElementConverter(),
                new EnumConverter<DeviceKind>(),
                new EnumConverter<ChangeOp>(),
                new EnumConverter<ChangeStatus>(),
                new EnumConverter<ConflictVerdict>(),
                new EnumConverter<ResetReason>(),
                new EnumConverter<WireOp>(),
                new EnumConverter<FieldType>(),
                new EnumConverter<ContentState>(),
                new EnumConverter<SearchMode>(),
            },
        }
    );
}
