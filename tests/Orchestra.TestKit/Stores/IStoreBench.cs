using Orchestra.Sync.Store;

namespace Orchestra.TestKit.Stores;

/// <summary>
/// Gives contract tests an empty, migrated store. Implementations: SQLite in a file and in memory;
/// PostgreSQL. Beside the tables of the product it has one named <c>specimens</c>, added by a script
/// of the bench: <c>label</c> text of 100, <c>mark</c> UUID, <c>amount</c> integer that must not be
/// 13, <c>ratio</c> real, <c>is_set</c> boolean, <c>moment</c> timestamp, <c>extra</c> JSON of 4096
/// bytes, <c>parent_id</c> a reference to another specimen; all nullable.
/// </summary>
public interface IStoreBench : IAsyncDisposable
{
    /// <summary>
    /// A store over the bench's data, as another process would open it. What was opened before
    /// stays open.
    /// </summary>
    Task<ISyncStore> OpenAsync();
}
