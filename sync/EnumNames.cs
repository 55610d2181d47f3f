using System.Collections.Frozen;
using System.Text.Json;

namespace Orchestra.Sync;

/// <summary>The one spelling of an enum's members, on the wire and in columns: snake_case.</summary>
public static class EnumNames<T>
    where T : struct, Enum
{
    private static readonly FrozenDictionary<T, string> Names = Enum.GetValues<T>()
        .ToFrozenDictionary(
            value => value,
            value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString())
        );

    private static readonly FrozenDictionary<string, T> Values = Names.ToFrozenDictionary(
        pair => pair.Value,
        pair => pair.Key
    );

    /// <summary>Every name, in alphabetical order.</summary>
    public static IEnumerable<string> All => Values.Keys.Order(StringComparer.Ordinal);

    public static string Write(T value) => Names[value];

    /// <exception cref="KeyNotFoundException">There is no such member.</exception>
    public static T Read(string text) => Values[text];

    public static bool TryRead(string text, out T value) => Values.TryGetValue(text, out value);
}
