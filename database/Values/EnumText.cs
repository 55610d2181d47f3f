using System.Collections.Frozen;
using System.Text.Json;

namespace Orchestra.Database.Values;

/// <summary>The spelling of an enum's members in a column: snake_case.</summary>
internal static class EnumText<T>
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

    public static string Write(T value) => Names[value];

    public static T Read(string text) => Values[text];
}
