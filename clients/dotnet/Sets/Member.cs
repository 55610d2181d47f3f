using System.Text.Json.Serialization.Metadata;

namespace Orchestra.Client.Sets;

/// <summary>What the serializer knows of one property of an app's class.</summary>
internal sealed class Member(JsonPropertyInfo property)
{
    public string Name { get; } = property.Name;

    /// <summary>Whether the serializer insists on it, whatever its value.</summary>
    public bool IsRequired { get; } = property.IsRequired;

    /// <summary>Whether null is a value of it; else a null leaves it as the class makes it.</summary>
    public bool TakesNull { get; } = CanBeNull(property);

    public bool IsTime { get; } =
        (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) is var type
        && (type == typeof(DateTimeOffset) || type == typeof(DateTime));

    public bool IsNullIn(object entity) => property.Get is { } get && get(entity) is null;

    private static bool CanBeNull(JsonPropertyInfo property)
    {
        var type = property.PropertyType;
        if (type.IsValueType)
            return Nullable.GetUnderlyingType(type) is not null;
        return property.AssociatedParameter?.IsNullable ?? property.IsSetNullable;
    }
}
