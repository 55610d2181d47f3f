using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestra.Sync.Wire;

/// <summary>
/// A JSON value that is only passed on. It is made canonical when read, because what is refused here
/// cannot fail later, when it is written to another device.
/// </summary>
internal sealed class JsonElementConverter : JsonConverter<JsonElement>
{
    public override bool HandleNull => true;

    public override JsonElement Read(
        ref Utf8JsonReader reader,
        Type type,
        JsonSerializerOptions options
    )
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return JsonElement.Parse(CanonicalJson.Write(document.RootElement));
    }

    public override void Write(
        Utf8JsonWriter writer,
        JsonElement value,
        JsonSerializerOptions options
    ) => value.WriteTo(writer);
}
