using Orchestra.Sync.Catalog;

namespace Orchestra.Database.Postgres.Maintenance;

/// <summary>How tombstones of an entity type are found and deleted.</summary>
internal static class TombstoneStatements
{
    /// <summary>
    /// When tombstones were made and whose they are, of those before <c>$1</c>, after a time and an
    /// owner <c>$2</c> and <c>$3</c>, as many as <c>$4</c>, along the index of tombstones.
    /// </summary>
    public static string Select(PostgresTable table) =>
        $"""
            select deleted_at, owner_id from {table.Name}
            where deleted_at < $1 and (deleted_at, owner_id) > ($2, $3)
            order by deleted_at, owner_id limit $4
            """;

    /// <summary>
    /// Deletes tombstones of owners <c>$1</c> made before <c>$2</c> that nobody refers to, as many as
    /// <c>$3</c>; answers with owner and version of each.
    /// </summary>
    /// <param name="table">Whose.</param>
    /// <param name="references">The tables and fields that refer to it.</param>
    public static string Delete(
        PostgresTable table,
        IEnumerable<(PostgresTable Child, Field Field)> references
    )
    {
        var unless = references.Select(reference =>
            $"""
                 and not exists (
                    select from {reference.Child.Name} c
                    where c.owner_id = t.owner_id and c.{reference.Field.Column()} = t.id
                        {(reference.Child == table ? "and c.id <> t.id" : "")}
                )
                """
        );
        return $"""
            with old as (
                select t.owner_id, t.id from {table.Name} t
                where t.owner_id = any ($1) and t.deleted_at < $2 {string.Concat(unless)}
                limit $3
            )
            delete from {table.Name} t using old
            where t.owner_id = old.owner_id and t.id = old.id
            returning t.owner_id, t.version
            """;
    }
}
