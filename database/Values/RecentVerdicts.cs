using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestra.Sync;
using Orchestra.Sync.Errors;

namespace Orchestra.Database.Values;

/// <summary>
/// The verdicts a device has not settled, as the JSON of one column. Rewritten with every push, so
/// the members have short names.
/// </summary>
internal static class RecentVerdicts
{
    public static string Write(IReadOnlyList<RecentVerdict> verdicts) =>
        JsonSerializer.Serialize(
            verdicts.Select(StoredVerdict.From).ToArray(),
            StoredVerdicts.Default.StoredVerdictArray
        );

    public static IReadOnlyList<RecentVerdict> Read(string json) =>
        [
            .. JsonSerializer
                .Deserialize(json, StoredVerdicts.Default.StoredVerdictArray)!
                .Select(stored => stored.ToVerdict()),
        ];
}

internal sealed record StoredVerdict(
    [property: JsonPropertyName("s")] long Seq,
    [property: JsonPropertyName("c")] Guid Change,
    [property: JsonPropertyName("o")] string Status,
    [property: JsonPropertyName("v")] long? Version,
    [property: JsonPropertyName("e")] string? Code
)
{
    public static StoredVerdict From(RecentVerdict verdict) =>
        new(
            verdict.Seq,
            verdict.Change.Value,
            EnumNames<ChangeStatus>.Write(verdict.Status),
            verdict.Version,
            verdict.Code is { } code ? EnumNames<ErrorCode>.Write(code) : null
        );

    public RecentVerdict ToVerdict() =>
        new(
            Seq,
            new ChangeId(Change),
            EnumNames<ChangeStatus>.Read(Status),
            Version,
            Code is null ? null : EnumNames<ErrorCode>.Read(Code)
        );
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredVerdict[]))]
internal sealed partial class StoredVerdicts : JsonSerializerContext;
