using Orchestra.Sync.Wire;

namespace Orchestra.Client.Rows;

/// <summary>
/// The server rows of one entity type: in columns where the catalog knows the type, raw where it
/// does not yet.
/// </summary>
internal interface IServerTable
{
    /// <summary>The row, or its tombstone; null if the server never sent it.</summary>
    RowState? Find(Guid id);

    /// <param name="entry">What to write.</param>
    /// <param name="isWhole">Whether its fields are the whole row; absent ones are then null.</param>
    void Write(WireEntry entry, bool isWhole);

    /// <summary>The rows that are there, without tombstones.</summary>
    IReadOnlyList<(Guid Id, long Version)> Live();

    /// <summary>Forgets all rows and tombstones.</summary>
    void Clear();
}
