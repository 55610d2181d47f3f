using System.Collections.Frozen;

namespace Orchestra.Sync.Catalog;

/// <summary>The columns that every table that syncs has, besides its fields: no field has such a name.</summary>
public static class SyncColumns
{
    public static readonly FrozenSet<string> All = new[]
    {
        "owner_id",
        "id",
        "version",
        "created_version",
        "created_at",
        "updated_at",
        "deleted_at",
        "stamp_at",
        "stamp_priority",
        "stamp_device",
        "stamp_seq",
        "root_version",
    }.ToFrozenSet();
}
