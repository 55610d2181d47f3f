using Orchestra.Sync.Search;

namespace Orchestra.Client;

/// <summary>A row that a search has found.</summary>
/// <param name="Entity">The entity type.</param>
/// <param name="Id">The row.</param>
/// <param name="Rank">How well it fits: the more, the better. To be compared within one type.</param>
/// <param name="Snippet">Some of its text around the words, and where in it they are.</param>
public sealed record SearchHit(string Entity, Guid Id, double Rank, Snippet Snippet);
