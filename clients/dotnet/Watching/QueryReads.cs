using Microsoft.Data.Sqlite;
using Orchestra.Client.Local;
using SQLitePCL;

namespace Orchestra.Client.Watching;

/// <summary>
/// What a statement reads, as SQLite itself says while it compiles it: through views, joins and
/// subqueries alike.
/// </summary>
internal sealed class QueryReads
{
    private const string BaseTables = "base_";
    private const string OwnTables = "o_";

    private readonly HashSet<string> entities = [];
    private bool isAnything;

    /// <summary>Unknown, or something that any commit can change.</summary>
    public static QueryReads Anything { get; } = new() { isAnything = true };

    public bool AreTouchedBy(TouchedTypes touched) => isAnything || touched.Overlaps(entities);

    /// <summary>Notes from now on what the statements that a connection compiles will read.</summary>
    public static QueryReads Note(SqliteConnection connection)
    {
        var reads = new QueryReads();
        var status = raw.sqlite3_set_authorizer(
            connection.Handle,
            (_, action, table, _, _, view) =>
            {
                if (action == raw.SQLITE_READ)
                    reads.Add(table.utf8_to_string(), view.utf8_to_string());
                return raw.SQLITE_OK;
            },
            null
        );
        SqliteException.ThrowExceptionForRC(status, connection.Handle);
        return reads;
    }

    private void Add(string? table, string? view)
    {
        if (table is null)
            return;
        if (table.StartsWith(BaseTables, StringComparison.Ordinal))
            entities.Add(table[BaseTables.Length..]);
        else if (view is null && table.StartsWith(OwnTables, StringComparison.Ordinal))
            // The outbox, the conflicts: of no entity type alone.
            isAnything = true;
    }
}
