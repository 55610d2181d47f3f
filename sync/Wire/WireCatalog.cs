using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestra.Sync.Catalog;

namespace Orchestra.Sync.Wire;

/// <summary>The entity catalog as clients see it.</summary>
public sealed record WireCatalog(string Hash, IReadOnlyList<WireEntityType> Entities)
    : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => ListItems.Require(Entities);

    public static WireCatalog From(EntityCatalog catalog) =>
        new(catalog.Hash, [.. catalog.Types.Select(WireEntityType.From)]);

    /// <summary>The catalog as the client's own copy of the vocabulary.</summary>
    public EntityCatalog ToCatalog() => new([.. Entities.Select(type => type.ToEntityType())]);
}

/// <param name="Name">Its name.</param>
/// <param name="ReadOnly">Whether clients may not create or delete its rows.</param>
/// <param name="Fields">Its fields.</param>
public sealed record WireEntityType(string Name, bool ReadOnly, IReadOnlyList<WireField> Fields)
    : IJsonOnDeserialized
{
    void IJsonOnDeserialized.OnDeserialized() => ListItems.Require(Fields);

    internal static WireEntityType From(EntityType type) =>
        new(type.Name, type.ServerOwned, [.. type.Fields.Select(WireField.From)]);

    internal EntityType ToEntityType() =>
        new(Name, [.. Fields.Select(field => field.ToField())], ReadOnly);
}

public sealed record WireField(
    string Name,
    FieldType Type,
    int? MaxLength = null,
    bool Required = false,
    bool ReadOnly = false,
    bool NaturalKey = false,
    string? References = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        bool Searched = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Contents = false
)
{
    internal static WireField From(Field field) =>
        new(
            field.Name,
            field.Type,
            field.MaxLength,
            field.Required,
            field.ServerOnly,
            field.IsNaturalKey,
            field.References,
            field.IsSearched,
            field.NamesContents
        );

    internal Field ToField() =>
        new(Name, Type, MaxLength, Required, ReadOnly, NaturalKey, References, Searched, Contents);
}

/// <summary>A catalog, or only its hash where the client has it already.</summary>
[JsonConverter(typeof(CatalogReferenceConverter))]
public sealed record CatalogReference(string Hash, WireCatalog? Whole);

internal sealed class CatalogReferenceConverter : JsonConverter<CatalogReference>
{
    public override CatalogReference Read(
        ref Utf8JsonReader reader,
        Type typeToConvert,
        JsonSerializerOptions options
    )
    {
        if (reader.TokenType == JsonTokenType.String)
            return new(reader.GetString()!, null);
        var whole = JsonSerializer.Deserialize(ref reader, WireContext.Strict.WireCatalog)!;
        return new(whole.Hash, whole);
    }

    public override void Write(
        Utf8JsonWriter writer,
        CatalogReference value,
        JsonSerializerOptions options
    )
    {
        if (value.Whole is null)
            writer.WriteStringValue(value.Hash);
        else
            JsonSerializer.Serialize(writer, value.Whole, WireContext.Strict.WireCatalog);
    }
}
