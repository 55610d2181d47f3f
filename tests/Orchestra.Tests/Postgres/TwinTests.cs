using Orchestra.Sync;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Stores;

namespace Orchestra.Tests.Postgres;

/// <summary>
/// P14 of commits, which span owners and have no wall: beside the owner who writes lives a twin with
/// the very same row, device and change ids, versions and commit numbers, whose head bears the mark of
/// every commit as though it had passed the fence. A statement that forgot to ask for the owner would
/// write the twin.
/// </summary>
public sealed class TwinTests : IAsyncLifetime
{
    private static readonly CancellationToken Never = CancellationToken.None;

    private readonly OwnerHistory writer = new(Guid.NewGuid());
    private readonly OwnerId twin = new(Guid.NewGuid());
    private readonly OwnerHistory late = new(Guid.NewGuid());
    private MigratedDatabase database = null!;
    private PostgresBench bench = null!;
    private ISyncStore store = null!;

    public async Task InitializeAsync()
    {
        database = await MigratedDatabase.CreateAsync(more: PostgresBench.Specimens);
        bench = new PostgresBench(database);
        store = await bench.OpenAsync();
    }

    public async Task DisposeAsync() => await bench.DisposeAsync();

    [Fact]
    public async Task P14_No_statement_of_a_commit_touches_an_owner_it_is_not_about()
    {
        var each = new OneOfEach(await store.LoadCatalogAsync(Never));
        var rows = each.CreateIn(writer);
        var first = writer.Commit();
        late.Create("projects", ("name", FieldValue.Text("late")));
        Assert.All(
            await store.CommitAsync([first, first with { Owner = twin }, late.Commit()], Never),
            outcome => Assert.Equal(CommitOutcome.Committed, outcome)
        );
        await MarkTheTwinAsync();
        var before = await ContentsAsync(twin) + await ContentsAsync(late.Owner);
        Assert.Contains("notes", before, StringComparison.Ordinal);

        each.UpdateIn(writer, rows);
        await CommitAsync();
        writer.Update(rows["notes"], ("is_pinned", FieldValue.Boolean(false)));
        await CommitAsync();
        writer.Delete(rows["projects"], rows["files"], rows["notes"]);
        writer.Lose("notes", $"{rows["notes"].Id}", ConflictVerdict.Superseded, "lost");
        await CommitAsync();
        writer.Revive(rows["projects"]);
        each.CreateIn(writer);
        await CommitAsync();
        await store.SaveAcksAsync(
            [new(writer.Owner, writer.Cursor.Device, 3, OwnerHistory.Start.AddYears(1))],
            Never
        );

        Assert.Equal(before, await ContentsAsync(twin) + await ContentsAsync(late.Owner));
        Assert.Equal(
            (2, 2, 0),
            (
                await HitsAsync(writer.Owner, "one"),
                await HitsAsync(twin, "one"),
                await HitsAsync(twin, "two")
            )
        );
        Assert.Equal(writer.Head, (await store.LoadOwnerAsync(writer.Owner, Never))!.Head);
        Assert.Equal(
            $"{writer.Head.CommitNo}",
            await database.RunAsync(
                $"""
                select h.commit_no::text from orchestra.sync_head h
                join orchestra.sync_head t on t.commit_id = h.commit_id and t.owner_id = '{twin}'
                where h.owner_id = '{writer.Owner}'
                """
            )
        );
    }

    private async Task<int> HitsAsync(OwnerId owner, string words) =>
        (await store.SearchAsync(owner, new(words, null, null, 10), Never)).Rows.Count;

    /// <summary>Together with one who loses the fence, and once more alone, waiting.</summary>
    private async Task CommitAsync()
    {
        // Nothing but the fence is against it.
        var ahead = late.Head with
        {
            CommitNo = 7,
            Version = 100,
        };
        var lost = OneMoreRow.After(late.Owner, ahead);
        Assert.Equal(
            [CommitOutcome.Committed, CommitOutcome.FenceLost],
            await store.CommitAsync([writer.Commit(), lost], Never)
        );
        writer.Create(
            "tasks",
            ("title", FieldValue.Text("alone")),
            ("status", FieldValue.Text(""))
        );
        Assert.Equal(CommitOutcome.Committed, await store.CommitAloneAsync(writer.Commit(), Never));
    }

    private async Task MarkTheTwinAsync() =>
        await database.RunAsync(
            $"""
            create function mark_twin() returns trigger language plpgsql security definer as $$
            begin
                update orchestra.sync_head set commit_id = new.commit_id where owner_id = '{twin}';
                return null;
            end
            $$;
            create trigger mark_twin after update on orchestra.sync_head for each row
                when (new.owner_id = '{writer.Owner}') execute function mark_twin();
            """
        );

    /// <summary>All that an owner has, and by which transaction it was written; but for the mark.</summary>
    private async Task<string> ContentsAsync(OwnerId owner)
    {
        var tables = (string)
            (
                await database.RunAsync(
                    """
                    select string_agg(polrelid::regclass::text, ' ' order by polrelid::regclass::text)
                    from pg_policy where polname = 'engine'
                        and polrelid::regclass::text not like 'orchestra_log.%'
                    """
                )
            )!;
        var all = new List<string>();
        foreach (var table in tables.Split(' '))
        {
            var written = table == "orchestra.sync_head" ? "''" : "t.xmin::text";
            all.Add(
                $"{table} "
                    + await database.RunAsync(
                        $"""
                        select string_agg(line, e'\n' order by line) from (
                            select (to_jsonb(t) - 'commit_id')::text || {written} as line
                            from {table} t where owner_id = '{owner}'
                        ) as lines
                        """
                    )
            );
        }
        return string.Join('\n', all);
    }
}
