using System.Collections.Frozen;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;

namespace Orchestra.Database.Sqlite;

/// <summary>The statements of every entity type of one catalog.</summary>
internal sealed class SqliteTables
{
    private readonly FrozenDictionary<string, SqliteTable> byName;

    public SqliteTables(EntityCatalog catalog)
    {
        Catalog = catalog;
        byName = catalog.Types.ToFrozenDictionary(type => type.Name, type => new SqliteTable(type));
    }

    public EntityCatalog Catalog { get; }

    /// <summary>Parents before the tables that refer to them.</summary>
    public IEnumerable<SqliteTable> All => Catalog.Types.Select(type => byName[type.Name]);

    public SqliteTable? Find(string entity) => byName.GetValueOrDefault(entity);

    /// <exception cref="InvariantException">No such table.</exception>
    public SqliteTable this[string entity]
    {
        get
        {
            var table = Find(entity);
            Invariant.Require(table is not null);
            return table;
        }
    }
}
