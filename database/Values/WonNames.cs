using System.Text.Json;

namespace Orchestra.Database.Values;

/// <summary>The fields that an entry of the log won, as JSON; null where it won all it wrote.</summary>
internal static class WonNames
{
    public static string? Write(IReadOnlyList<string>? won) =>
        won is null ? null : JsonSerializer.Serialize(won);

    public static IReadOnlyList<string>? Read(string? json) =>
        json is null ? null : JsonSerializer.Deserialize<string[]>(json);
}
