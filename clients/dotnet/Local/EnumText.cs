using System.Collections.Frozen;
using System.Text.Json;

namespace Orchestra.Client.Local;

/// <summary>Enum members in the database: the same snake_case names as on the wire.</summary>
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

    public static IEnumerable<string> All => Values.Keys.Order();

    public static string Write(T value) => Names[value];

    public static T Read(string text) => Values[text];

    public static bool TryRead(string text, out T value) => Values.TryGetValue(text, out value);
}
