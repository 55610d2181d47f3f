using Orleans;

namespace Orchestra.Sync.Search;

/// <param name="Words">What was typed: read by the model, unless there is a vector, and marked in snippets.</param>
/// <param name="Vector">What to look for; null = the model gives it, of <paramref name="Words"/>.</param>
/// <param name="Model">That gave the vector; null = the server's.</param>
/// <param name="IsHybrid">Whether the words count too, by reciprocal rank fusion.</param>
/// <param name="Entities">Only these entity types; null = all that have searched fields.</param>
/// <param name="Limit">How many rows, 1 or more.</param>
[GenerateSerializer, Immutable]
public sealed record MeaningSearch(
    [property: Id(0)] string Words,
    [property: Id(1)] float[]? Vector,
    [property: Id(2)] string? Model,
    [property: Id(3)] bool IsHybrid,
    [property: Id(4)] IReadOnlyList<string>? Entities,
    [property: Id(5)] int Limit
)
{
    // Nobody's words get into a log by way of a record's text.
    public override string ToString() => nameof(MeaningSearch);
}
