namespace Orchestra.Sync.Search;

/// <summary>By what a search finds.</summary>
public enum SearchMode : byte
{
    /// <summary>Rows that have the words.</summary>
    Words,

    /// <summary>Rows that are about the same.</summary>
    Meaning,

    /// <summary>Both, in one order.</summary>
    Hybrid,
}
