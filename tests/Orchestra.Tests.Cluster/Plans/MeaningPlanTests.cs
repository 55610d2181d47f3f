using Orchestra.Database.Postgres;
using Orchestra.Sync;
using Orchestra.Sync.Search;
using Orchestra.TestKit.Embeddings;
using Orchestra.TestKit.Postgres;

namespace Orchestra.Tests.Cluster.Plans;

/// <summary>
/// How PostgreSQL runs what search by meaning asks of it. Where the index of vectors is worth it is no
/// decision of the planner's: each of the two statements has but one way.
/// </summary>
public sealed class MeaningPlanTests
{
    private const string Recipe = "recipe";

    private static readonly CancellationToken Never = CancellationToken.None;

    [VectorFact]
    public async Task Every_plan_of_a_search_by_meaning_is_the_one_that_was_looked_at()
    {
        await using var server = await PostgresServer.StartVectorAsync(
            ("shared_preload_libraries", "auto_explain"),
            ("random_page_cost", "1.1"),
            ("default_statistics_target", "1000"),
            ("autovacuum", "off"),
            ("log_line_prefix", "")
        );
        var database = await MigratedDatabase.CreateAsync(server);
        var corpus = new VectorCorpus();
        List<int> sizes = [300, .. Enumerable.Repeat(4, 175)];
        var owners = await corpus.FillAsync(database, sizes, isAtOnce: true);
        await database.RunAsync(
            $"""
            insert into orchestra.notes (owner_id, id, version, created_version, created_at, updated_at,
                stamp_at, stamp_priority, stamp_device, stamp_seq, title, body, is_pinned)
            select md5('owner' || n / 10)::uuid, md5('note' || n)::uuid, n, 1, now(), now(),
                now(), 0, md5('')::uuid, 1, 'a note', 'of ' || n, false
            from generate_series(1, 20000) n;
            insert into orchestra.projects (owner_id, id, version, created_version, created_at, updated_at,
                stamp_at, stamp_priority, stamp_device, stamp_seq, name)
            select distinct owner_id, owner_id, 1, 1, now(), now(), now(), 0, owner_id, 1, 'one'
            from orchestra.notes;
            insert into orchestra.files (owner_id, id, version, created_version, created_at, updated_at,
                stamp_at, stamp_priority, stamp_device, stamp_seq, project_id, path, content_hash, size)
            select owner_id, id, version, 1, now(), now(), now(), 0, id, 1, owner_id, id::text, '{new string(
                '0',
                64
            )}', 1
            from orchestra.notes;
            insert into orchestra.contents (owner_id, id, version, created_version, created_at, updated_at,
                stamp_at, stamp_priority, stamp_device, stamp_seq, hash, size, upload_id)
            select owner_id, id, version, 1, now(), now(), now(), 0, id, 1, content_hash, 1, id
            from orchestra.files;
            insert into orchestra.files_embedding
            select owner_id, id, embedding, model, text_hash from orchestra.notes_embedding;
            insert into orchestra.sync_head (owner_id, commit_no, commit_id, version, epoch, digest, live_rows,
                last_commit_at, log_horizon, tombstone_horizon, first_month, month_starts)
            select distinct on (owner_id) owner_id, 1, owner_id, 30000, 1, 0, 0, now(), 0, 0, 24000, array[]::bigint[]
            from orchestra.notes;
            insert into orchestra.embedding_progress (owner_id, recipe, version)
            select owner_id, '{Recipe}', 0 from orchestra.sync_head
            """
        );
        await database.RunAsync("vacuum analyze");
        await AutoExplain.StartAsync(
            database.ConnectionString(MigratedDatabase.Superuser),
            MigratedDatabase.App
        );
        var all = new List<(string, ExplainedStatement)>();
        foreach (var kind in new[] { ExplainedRuns.Custom, ExplainedRuns.Generic })
        {
            var start = server.Log.Length;
            await RunAsync(database, $"force_{kind}_plan", owners[0], corpus);
            all.AddRange(
                ExplainedStatement
                    .In(server.Log[start..])
                    .Where(statement => statement.IsOurs)
                    .Select(statement => (kind, statement))
            );
        }
        Assert.Empty(
            from run in all
            from node in run.Item2.Nodes
            where node.TextOf("Node Type") == "Seq Scan"
            select $"{node.TextOf("Relation Name")} in {StatementName.Of(run.Item2)}"
        );
        var differences = GoldenPlans.Differences(all, "meaning");
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    /// <summary>Every call there is.</summary>
    private static async Task RunAsync(
        MigratedDatabase database,
        string mode,
        OwnerId owner,
        VectorCorpus corpus
    )
    {
        await using var opened = PostgresDatabase.Open(
            database.ConnectionString() + $";Options=-c plan_cache_mode={mode}"
        );
        var index = (await PostgresMeaning.OpenAsync(opened, Never, new(0, 0)))!;
        var exact = (await PostgresMeaning.OpenAsync(opened, Never))!;
        Assert.True(await index.LeadAsync("cluster", TimeSpan.Zero, Never));
        Assert.Equal(100, (await index.FindBehindAsync(Recipe, null, 100, Never)).Owners.Count);
        var changed = (await index.ReadChangedAsync(owner, Recipe, 64, Never))!;
        var row = changed.Rows[0];
        Assert.NotNull(await index.ReadRowAsync(owner, row.Row, Never));
        await index.SaveAsync(
            Recipe,
            [
                .. changed
                    .Rows.DistinctBy(item => item.Row.Entity)
                    .Select(item =>
                        (
                            owner,
                            new RowEmbedding(
                                item.Row,
                                item.Version,
                                VectorCorpus.Model,
                                "",
                                corpus.Next()
                            )
                        )
                    ),
            ],
            [changed],
            Never
        );
        foreach (var store in new[] { index, exact })
        {
            var search = new MeaningSearch(
                "one",
                corpus.Next(),
                VectorCorpus.Model,
                true,
                null,
                10
            );
            Assert.NotEmpty((await store.SearchAsync(owner, search, Never)).Rows);
        }
    }
}
