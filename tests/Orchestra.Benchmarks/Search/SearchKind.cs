namespace Orchestra.Benchmarks.Search;

/// <param name="Name">For the table.</param>
/// <param name="Queries">What is typed, in turn.</param>
internal sealed record SearchKind(string Name, IReadOnlyList<string> Queries)
{
    /// <summary>The made-up users write what the library Bogus calls text.</summary>
    public static IReadOnlyList<SearchKind> All { get; } =
    [
        new("a word", ["dolores", "quia", "voluptatem", "aut", "et", "rerum", "src", "csharp"]),
        new("two words", ["quia et", "aut dolores", "voluptatem sit", "src python"]),
        new("a phrase", ["\"et quia\"", "\"aut et\"", "\"qui est\"", "\"voluptatem et\""]),
        new("either, but not", ["quia or aut -et", "rerum or src -dolores"]),
        new("nothing", ["xylophone", "orchestra quia", "\"quia zebra\""]),
    ];
}
