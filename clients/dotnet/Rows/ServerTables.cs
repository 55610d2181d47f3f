using Orchestra.Client.Local;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Rows;

/// <summary>The server rows of every type, by the catalog that this database knows.</summary>
internal sealed class ServerTables
{
    private readonly Statements sql;
    private readonly Dictionary<string, IServerTable> tables;
    private readonly string? hash;

    private ServerTables(Statements sql, WireCatalog? known)
    {
        this.sql = sql;
        hash = known?.Hash;
        Catalog = known?.ToCatalog() ?? new EntityCatalog([]);
        tables = Catalog.Types.ToDictionary(
            type => type.Name,
            type => (IServerTable)new EntityTable(sql, type)
        );
    }

    /// <summary>Empty until the device has met a server.</summary>
    public EntityCatalog Catalog { get; }

    public IServerTable this[string entity]
    {
        get
        {
            if (!tables.TryGetValue(entity, out var table))
                tables[entity] = table = new RawTable(sql, entity);
            return table;
        }
    }

    /// <summary>The tables as the database has them, or <paramref name="current"/> if it has those.</summary>
    public static ServerTables Load(Statements sql, ServerTables? current)
    {
        var hash = sql.Query(
                "select catalog_hash from o_meta",
                row => row.IsDBNull(0) ? null : row.GetString(0)
            )
            .Single();
        if (current is not null && current.hash == hash)
            return current;
        var catalogs = sql.Query(
            "select catalog from o_catalog",
            row => WireCodec.ReadCatalog(row.GetFieldValue<byte[]>(0))
        );
        return new ServerTables(sql, catalogs.FirstOrDefault());
    }

    /// <summary>The types that have rows here, or may have.</summary>
    public IReadOnlyList<string> Stored() =>
        [
            .. Catalog
                .Types.Select(type => type.Name)
                .Union(sql.Query("select distinct entity from o_raw", row => row.GetString(0))),
        ];

    /// <summary>Forgets every server row and tombstone; own changes stay where they are.</summary>
    public void Clear()
    {
        foreach (var type in Catalog.Types)
            this[type.Name].Clear();
        sql.Execute("delete from o_raw");
    }
}
