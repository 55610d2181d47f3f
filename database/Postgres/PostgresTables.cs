using System.Collections.Frozen;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;

namespace Orchestra.Database.Postgres;

/// <summary>The statements of every entity type of one catalog.</summary>
internal sealed class PostgresTables
{
    private readonly FrozenDictionary<string, PostgresTable> byName;

    /// <param name="catalog">The entity types.</param>
    /// <param name="sources">Table → the columns from which its generated ones are computed.</param>
    public PostgresTables(EntityCatalog catalog, ILookup<string, string> sources)
    {
        Catalog = catalog;
        byName = catalog.Types.ToFrozenDictionary(
            type => type.Name,
            type => new PostgresTable(type, sources[type.Name])
        );
        All = [.. catalog.Types.Select(type => byName[type.Name])];
    }

    public EntityCatalog Catalog { get; }

    /// <summary>Parents before the tables that refer to them.</summary>
    public IReadOnlyList<PostgresTable> All { get; }

    public PostgresTable? Find(string entity) => byName.GetValueOrDefault(entity);

    /// <exception cref="InvariantException">No such table.</exception>
    public PostgresTable this[string entity]
    {
        get
        {
            var table = Find(entity);
            Invariant.Require(table is not null);
            return table;
        }
    }
}
