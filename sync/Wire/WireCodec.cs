using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestra.Sync.Errors;

namespace Orchestra.Sync.Wire;

/// <summary>
/// The one place where messages become bytes and bytes become messages, for the gateway, the
/// clients and the JSON columns of the stores.
/// </summary>
public static class WireCodec
{
    /// <exception cref="SyncException">
    /// <c>malformed</c>, <c>too_deep</c> or <c>unknown_message</c>; the field names the place.
    /// </exception>
    public static ClientMessage ReadClientMessage(ReadOnlySpan<byte> utf8)
    {
        RequireKnownType(utf8, WireContext.Strict.ClientMessage);
        return Read(utf8, WireContext.Strict.ClientMessage);
    }

    /// <inheritdoc cref="ReadClientMessage"/>
    public static ServerMessage ReadServerMessage(ReadOnlySpan<byte> utf8)
    {
        RequireKnownType(utf8, WireContext.Strict.ServerMessage);
        return Read(utf8, WireContext.Strict.ServerMessage);
    }

    public static byte[] Write(ServerMessage message) =>
        Write(message, WireContext.Strict.ServerMessage);

    public static byte[] Write(ClientMessage message) =>
        Write(message, WireContext.Strict.ClientMessage);

    public static byte[] Write(WireCatalog catalog) =>
        Write(catalog, WireContext.Strict.WireCatalog);

    public static byte[] Write(WireConflicts conflicts) =>
        Write(conflicts, WireContext.Strict.WireConflicts);

    public static byte[] Write(WireDevices devices) =>
        Write(devices, WireContext.Strict.WireDevices);

    public static byte[] Write(WireContent content) =>
        Write(content, WireContext.Strict.WireContent);

    /// <exception cref="SyncException"><c>malformed</c> or <c>too_deep</c>.</exception>
    public static WireContent ReadContent(ReadOnlySpan<byte> utf8) =>
        Read(utf8, WireContext.Strict.WireContent);

    public static byte[] Write(WireFound found) => Write(found, WireContext.Strict.WireFound);

    public static byte[] Write(WireVectorSearch search) =>
        Write(search, WireContext.Strict.WireVectorSearch);

    /// <exception cref="SyncException"><c>malformed</c> or <c>too_deep</c>.</exception>
    public static WireVectorSearch ReadVectorSearch(ReadOnlySpan<byte> utf8) =>
        Read(utf8, WireContext.Strict.WireVectorSearch);

    public static byte[] Write(WireEmbedding embedding) =>
        Write(embedding, WireContext.Strict.WireEmbedding);

    /// <exception cref="SyncException"><c>malformed</c> or <c>too_deep</c>.</exception>
    public static WireEmbedding ReadEmbedding(ReadOnlySpan<byte> utf8) =>
        Read(utf8, WireContext.Strict.WireEmbedding);

    public static byte[] Write(DevicePatch patch) => Write(patch, WireContext.Strict.DevicePatch);

    /// <exception cref="SyncException"><c>malformed</c> or <c>too_deep</c>.</exception>
    public static DevicePatch ReadDevicePatch(ReadOnlySpan<byte> utf8) =>
        Read(utf8, WireContext.Strict.DevicePatch);

    /// <exception cref="SyncException"><c>malformed</c> or <c>too_deep</c>.</exception>
    public static WireCatalog ReadCatalog(ReadOnlySpan<byte> utf8) =>
        Read(utf8, WireContext.Strict.WireCatalog);

    /// <exception cref="SyncException"><c>malformed</c> or <c>too_deep</c>.</exception>
    public static WireConflicts ReadConflicts(ReadOnlySpan<byte> utf8) =>
        Read(utf8, WireContext.Strict.WireConflicts);

    /// <exception cref="SyncException"><c>malformed</c> or <c>too_deep</c>.</exception>
    public static WireDevices ReadDevices(ReadOnlySpan<byte> utf8) =>
        Read(utf8, WireContext.Strict.WireDevices);

    /// <exception cref="SyncException"><c>malformed</c> or <c>too_deep</c>.</exception>
    public static WireFound ReadFound(ReadOnlySpan<byte> utf8) =>
        Read(utf8, WireContext.Strict.WireFound);

    /// <summary>The fields of a change or row as a JSON object, for a column or an outbox.</summary>
    public static string WriteFields(IReadOnlyDictionary<string, FieldValue> fields) =>
        JsonSerializer.Serialize(fields, WireContext.Strict.IReadOnlyDictionaryStringFieldValue);

    public static IReadOnlyDictionary<string, FieldValue> ReadFields(string json) =>
        JsonSerializer.Deserialize(json, WireContext.Strict.DictionaryStringFieldValue)!;

    /// <summary>One value as JSON text.</summary>
    public static string WriteValue(FieldValue value) =>
        JsonSerializer.Serialize(value, WireContext.Strict.FieldValue);

    /// <summary>Well-formed JSON text in its one spelling.</summary>
    public static string Compact(string json)
    {
        using var document = JsonDocument.Parse(json);
        return CanonicalJson.Write(document.RootElement);
    }

    private static byte[] Write<T>(T value, JsonTypeInfo<T> type) =>
        JsonSerializer.SerializeToUtf8Bytes(value, type);

    private static T Read<T>(ReadOnlySpan<byte> utf8, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, type)
                ?? throw new SyncException(ErrorCode.Malformed, "The message is null");
        }
        catch (JsonException e)
        {
            throw IsTooDeep(utf8)
                ? new SyncException(
                    ErrorCode.TooDeep,
                    $"The message nests deeper than {Limits.JsonDepth} levels"
                )
                : new SyncException(ErrorCode.Malformed, Describe(e), e.Path);
        }
        catch (NotSupportedException)
        {
            // The serializer's answer to an object without a discriminator.
            throw new SyncException(ErrorCode.Malformed, "The message does not say its type", "t");
        }
    }

    private static void RequireKnownType<T>(ReadOnlySpan<byte> utf8, JsonTypeInfo<T> type)
    {
        if (FindType(utf8) is not { } name)
            return;
        foreach (var derived in type.PolymorphismOptions!.DerivedTypes)
            if (name.Equals(derived.TypeDiscriminator))
                return;
        throw new SyncException(ErrorCode.UnknownMessage, "There is no message of that type", "t");
    }

    /// <summary>The text of the top-level member <c>t</c>; null where there is none to be found.</summary>
    private static string? FindType(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(
            utf8,
            new JsonReaderOptions { MaxDepth = Limits.JsonDepth }
        );
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName)
                    continue;
                var isType = reader.ValueTextEquals("t"u8);
                reader.Read();
                if (isType && reader.TokenType == JsonTokenType.String)
                    return reader.GetString();
                reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, or not text: the real reading says what is wrong and where.
        }
        return null;
    }

    private static bool IsTooDeep(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = int.MaxValue });
        try
        {
            while (reader.Read())
                if (
                    reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray
                    && reader.CurrentDepth >= Limits.JsonDepth
                )
                    return true;
        }
        catch (JsonException)
        {
            // Malformed before it was too deep.
        }
        return false;
    }

    /// <summary>What is wrong and where, without the serializer's type names.</summary>
    private static string Describe(JsonException e) =>
        e.Path is null
            ? "The message is not a JSON object of the documented shape"
            : $"The message is not of the documented shape at {e.Path}";
}
