using Orchestra.Client.Local;
using Orchestra.Client.Outbox;
using Orchestra.Sync;
using Orchestra.Sync.Decisions;

namespace Orchestra.Client.Rows;

/// <summary>
/// Which entity types a device takes. See docs/protocol.md, Flow: what is no longer taken is dropped
/// here, and for what is new the rows are fetched from the start, over those that are here already.
/// </summary>
internal static class Scope
{
    /// <param name="local">State and rows change together.</param>
    /// <param name="entities">The only types from now on; null = all.</param>
    /// <returns>Whether the server has to be told.</returns>
    /// <exception cref="Sync.Errors.SyncException"><c>unknown_entity</c>.</exception>
    public static bool Change(LocalTransaction local, IReadOnlyCollection<string>? entities)
    {
        var before = local.State.Entities;
        IReadOnlyList<string>? after = entities is null
            ? null
            : [.. entities.Distinct().Order(StringComparer.Ordinal)];
        if (before is null ? after is null : after is not null && before.SequenceEqual(after))
            return false;
        var catalog = local.Tables.Catalog;
        if (catalog.Types.Count > 0)
            foreach (var entity in after ?? [])
                EditCheck.RequireType(catalog, entity);
        local.State = local.State with { Entities = after, Compared = null };
        if (after is not null)
            Drop(local, entity => !after.Contains(entity));
        if (before is not null && (after is null || after.Except(before).Any()))
            StartOver(local);
        return true;
    }

    private static void Drop(LocalTransaction local, Func<string, bool> isDropped)
    {
        foreach (var entity in local.Tables.Stored().Where(isDropped))
        {
            var live = local.Tables[entity].Live();
            local.State = local.State with
            {
                Digest = live.Aggregate(
                    local.State.Digest,
                    (sum, row) => sum ^ Digest.Of(row.Id, row.Version)
                ),
                Rows = local.State.Rows - live.Count,
            };
            local.Touched.Add(entity);
            local.Tables[entity].Clear();
        }
    }

    /// <summary>
    /// The rows that are here are known up to the cursor, so that is the floor: of what was deleted
    /// since then the server tells.
    /// </summary>
    private static void StartOver(LocalTransaction local)
    {
        var cursor = local.State.Cursor;
        if (cursor.Version > 0 || cursor.Floor is not null)
            local.State = local.State with
            {
                Cursor = new Cursor(cursor.Epoch, 0, null, cursor.Floor ?? cursor.Version),
            };
    }
}
