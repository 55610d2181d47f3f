using System.Text.Json;

namespace Orchestra.Sync.Wire;

/// <summary>
/// The serializer holds a list to its nullability, but not what is in the list; the shapes that
/// have one ask here once they are read.
/// </summary>
internal static class ListItems
{
    /// <exception cref="JsonException">An item is null.</exception>
    internal static void Require<T>(IReadOnlyList<T>? items)
        where T : class
    {
        if (items is not null && items.Contains(null))
            throw new JsonException("An item of a list is null");
    }

    /// <summary>JSON has numbers that are more than the type holds.</summary>
    /// <exception cref="JsonException">One is such.</exception>
    internal static void RequireFinite(params ReadOnlySpan<float> numbers)
    {
        foreach (var number in numbers)
            if (!float.IsFinite(number))
                throw new JsonException("A number is too large");
    }
}
