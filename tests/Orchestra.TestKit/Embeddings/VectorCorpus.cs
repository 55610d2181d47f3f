using Npgsql;
using NpgsqlTypes;
using Orchestra.Sync;
using Orchestra.TestKit.Postgres;

namespace Orchestra.TestKit.Embeddings;

/// <summary>
/// Notes of many owners with vectors as a model gives them: of subjects, which have parts, which texts are
/// more or less about. All owners write about the same, which is hard on an index.
/// </summary>
public sealed class VectorCorpus
{
    public const string Model = "corpus";

    private const int Subjects = 200;
    private const int Parts = 20;

    private readonly Random random = new(7);
    private readonly float[][] subjects;
    private readonly float[][] parts;

    public VectorCorpus()
    {
        subjects = [.. Enumerable.Range(0, Subjects).Select(_ => WordVectors.Random(random))];
        parts = [.. Enumerable.Range(0, Subjects * Parts).Select(_ => WordVectors.Random(random))];
    }

    /// <summary>Of a text, or of what is searched for.</summary>
    public float[] Next()
    {
        var sum = new float[subjects[0].Length];
        var part = random.Next(parts.Length);
        WordVectors.Add(sum, subjects[part / Parts], 1);
        WordVectors.Add(sum, parts[part], 0.7f);
        WordVectors.Add(sum, WordVectors.Random(random), 0.8f);
        return WordVectors.Normalize(sum);
    }

    /// <summary>Writes them behind the engine's back, and the index after them.</summary>
    /// <param name="database">Migrated.</param>
    /// <param name="sizes">How many notes each owner has.</param>
    /// <param name="isAtOnce">Whether the index is made at the end, and not row by row.</param>
    /// <returns>The owners.</returns>
    public async Task<IReadOnlyList<OwnerId>> FillAsync(
        MigratedDatabase database,
        IReadOnlyList<int> sizes,
        bool isAtOnce
    )
    {
        var owners = sizes.Select(_ => new OwnerId(Guid.NewGuid())).ToList();
        await using var connection = await database.EnterAsync();
        if (isAtOnce)
            await RunAsync(connection, "drop index orchestra.notes_embedding_near");
        await RunAsync(
            connection,
            "create temp table vectors (owner_id uuid, id uuid, vector real[])"
        );
        await using (
            var copy = await connection.BeginBinaryImportAsync(
                "copy vectors from stdin (format binary)"
            )
        )
        {
            copy.Timeout = TimeSpan.Zero;
            // Not owner by owner: neighbours in the table are anybody's.
            foreach (var owner in Mixed(owners, sizes))
            {
                await copy.StartRowAsync();
                await copy.WriteAsync(owner.Value, NpgsqlDbType.Uuid);
                await copy.WriteAsync(Guid.NewGuid(), NpgsqlDbType.Uuid);
                await copy.WriteAsync(Next(), NpgsqlDbType.Array | NpgsqlDbType.Real);
            }
            await copy.CompleteAsync();
        }
        await RunAsync(
            connection,
            $"""
            insert into orchestra.notes (owner_id, id, version, created_version, created_at, updated_at,
                stamp_at, stamp_priority, stamp_device, stamp_seq, title, body, is_pinned)
            select owner_id, id, row_number() over (partition by owner_id), 1, now(), now(),
                now(), 0, owner_id, 1, 'a note', '', false from vectors;
            insert into orchestra.notes_embedding (owner_id, id, embedding, model, text_hash)
            select owner_id, id, vector::vector, '{Model}', '' from vectors;
            drop table vectors;
            """
        );
        if (isAtOnce)
            await RunAsync(
                connection,
                """
                set maintenance_work_mem = '1GB';
                create index notes_embedding_near on orchestra.notes_embedding
                    using hnsw (embedding vector_cosine_ops)
                """
            );
        await RunAsync(connection, "vacuum analyze orchestra.notes_embedding, orchestra.notes");
        return owners;
    }

    private List<OwnerId> Mixed(List<OwnerId> owners, IReadOnlyList<int> sizes)
    {
        var all = owners.SelectMany((owner, i) => Enumerable.Repeat(owner, sizes[i])).ToArray();
        random.Shuffle(all);
        return [.. all];
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }
}
