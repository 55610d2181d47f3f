using Npgsql;
using NpgsqlTypes;
using Orchestra.Sync;
using Orchestra.Sync.Search;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres;

/// <summary>What is asked of the tables of vectors, and of how far they are; but for searches.</summary>
internal static class EmbeddingStatements
{
    public static readonly Statement SelectTables = new(
        """
        select c.relname::text from pg_class c
        where c.relnamespace = 'orchestra'::regnamespace and c.relkind = 'r'
            and c.relname like '%\_embedding'
        """
    );

    public static string TableOf(string entity) => entity + "_embedding";

    /// <summary>By the database's clock: there is one of it.</summary>
    public static Statement Lead(string holder, TimeSpan length) =>
        new(
            """
            insert into orchestra.embedding_lease as l (holder, until)
            values ($1, clock_timestamp() + $2)
            on conflict (one) do update set holder = excluded.holder, until = excluded.until
            where l.holder = excluded.holder or l.until < clock_timestamp()
            returning holder
            """,
            Of(holder),
            Of(length)
        );

    /// <summary>Owners after <c>$1</c>, <c>$2</c> of them, and whether they are behind.</summary>
    public static Statement SelectHeads(string recipe, OwnerId? after, int limit) =>
        new(
            """
            select h.owner_id, h.version > coalesce(p.version, 0)
            from (
                select owner_id, version from orchestra.sync_head
                where owner_id > $1 order by owner_id limit $2
            ) h
            left join lateral (
                select version from orchestra.embedding_progress p
                where p.owner_id = h.owner_id and p.recipe = $3 offset 0
            ) p on true
            order by h.owner_id
            """,
            Of(after?.Value ?? Guid.Empty),
            Of(limit),
            Of(recipe)
        );

    /// <summary>If he is where he is thought to be.</summary>
    public static Statement Move(ChangedTexts changed, string recipe) =>
        new(
            """
            insert into orchestra.embedding_progress as p (owner_id, recipe, version)
            values ($1, $2, $3)
            on conflict (owner_id) do update set recipe = excluded.recipe, version = excluded.version
            where p.recipe = $4 and p.version = $5
            """,
            Of(changed.Owner.Value),
            Of(recipe),
            Of(changed.To),
            Of(changed.From?.Recipe ?? ""),
            Of(changed.From?.Version ?? 0)
        );

    /// <summary>If the row is still what the vector was computed from.</summary>
    public static Statement Write(PostgresTable table, OwnerId owner, RowEmbedding embedding) =>
        new(
            $"""
            insert into {table.Vectors} (owner_id, id, embedding, model, text_hash)
            select t.owner_id, t.id, $3::real[]::public.vector, $4, $5 from {table.Name} t
            where t.owner_id = $1 and t.id = $2 and t.version = $6
            on conflict (owner_id, id) do update set
                embedding = excluded.embedding, model = excluded.model, text_hash = excluded.text_hash
            """,
            Of(owner.Value),
            Of(embedding.Row.Id),
            OfVector(embedding.Vector),
            Of(embedding.Model),
            Of(embedding.TextHash),
            Of(embedding.Version)
        );

    /// <summary>Of an array it must be told when there is none.</summary>
    private static NpgsqlParameter OfVector(float[]? vector) =>
        new()
        {
            Value = (object?)vector ?? DBNull.Value,
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Real,
        };
}
