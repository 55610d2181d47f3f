using System.Globalization;
using Orchestra.Sync.Wire;
using Orleans;

namespace Orchestra.Sync.Search;

/// <param name="Words">As typed, see <see cref="WordQuery"/>.</param>
/// <param name="Entities">Only these entity types; null = all that have searched fields.</param>
/// <param name="After">The <see cref="FoundPage.Next"/> of the page before; null = the best.</param>
/// <param name="Limit">How many rows at most, 1 or more.</param>
[GenerateSerializer, Immutable]
public sealed record WordSearch(
    [property: Id(0)] string Words,
    [property: Id(1)] IReadOnlyList<string>? Entities,
    [property: Id(2)] SearchPosition? After,
    [property: Id(3)] int Limit
)
{
    // Nobody's words get into a log by way of a record's text.
    public override string ToString() => nameof(WordSearch);
}

/// <summary>A row among those that were found: the greater rank first, then by id, then by type.</summary>
[GenerateSerializer, Immutable]
public readonly record struct SearchPosition(
    [property: Id(0)] float Rank,
    [property: Id(1)] Guid Id,
    [property: Id(2)] string Entity
)
{
    public static IComparer<SearchPosition> BestFirst { get; } =
        Comparer<SearchPosition>.Create(
            (one, other) =>
                other.Rank.CompareTo(one.Rank) is not 0 and var byRank ? byRank
                : one.Id.CompareTo(other.Id) is not 0 and var byId ? byId
                : string.CompareOrdinal(one.Entity, other.Entity)
        );

    /// <summary>As callers are given it.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{BitConverter.SingleToUInt32Bits(Rank):x8}.{Id:D}.{Entity}"
        );

    public static SearchPosition? TryParse(string text)
    {
        var parts = text.Split('.', 3);
        if (
            parts.Length != 3
            || parts[0].Length != 8
            || !uint.TryParse(
                parts[0],
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out var bits
            )
            || !CanonicalUuid.TryParse(parts[1], out var id)
            || parts[2].Length is 0 or > 63
        )
            return null;
        var rank = BitConverter.UInt32BitsToSingle(bits);
        return rank >= 0 && float.IsFinite(rank) ? new(rank, id, parts[2]) : null;
    }
}

/// <param name="Place">Which row, and how well it fits. Ranks of different stores do not compare.</param>
/// <param name="Snippet">Why.</param>
[GenerateSerializer, Immutable]
public sealed record FoundRow(
    [property: Id(0)] SearchPosition Place,
    [property: Id(1)] Snippet Snippet
);

/// <param name="Rows">The best first.</param>
/// <param name="Next">Where the next page begins; null at the end.</param>
[GenerateSerializer, Immutable]
public sealed record FoundPage(
    [property: Id(0)] IReadOnlyList<FoundRow> Rows,
    [property: Id(1)] SearchPosition? Next
)
{
    public static readonly FoundPage Empty = new([], null);

    /// <summary>Which of all that was found, in any order, make the page.</summary>
    public static (List<SearchPosition> Rows, SearchPosition? Next) Choose(
        WordSearch search,
        IEnumerable<SearchPosition> found
    )
    {
        var rows = found
            .Where(row =>
                search.After is not { } after || SearchPosition.BestFirst.Compare(row, after) > 0
            )
            .Order(SearchPosition.BestFirst)
            .Take(search.Limit + 1)
            .ToList();
        if (rows.Count <= search.Limit)
            return (rows, null);
        rows.RemoveAt(search.Limit);
        return (rows, rows[^1]);
    }
}
