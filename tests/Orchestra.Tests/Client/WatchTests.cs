using Orchestra.Client;
using Orchestra.Client.Local;
using Orchestra.Client.Watching;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Wire;
using Xunit;
using static Orchestra.Tests.Client.Frames;

namespace Orchestra.Tests.Client;

/// <summary>Live queries on a database that has met its server before, without one.</summary>
public sealed class WatchTests : IAsyncLifetime
{
    private static readonly EntityCatalog TwoTypes = new([
        .. Frames.Catalog.Types,
        new EntityType("notes", [Field("name", FieldType.Text)], serverOwned: false),
    ]);

    private LocalDevice device = null!;
    private OrchestraClient client = null!;

    public async Task InitializeAsync()
    {
        device = await LocalDevice.CreateAsync(TwoTypes);
        client = await OrchestraClient.OpenAsync(
            new ClientOptions
            {
                Database = device.Database.Path,
                OutboxPoll = TimeSpan.FromMilliseconds(5),
                WatchInterval = TimeSpan.Zero,
            }
        );
    }

    public async Task DisposeAsync()
    {
        await client.DisposeAsync();
        await device.DisposeAsync();
    }

    [Fact]
    public async Task A_live_query_gives_its_result_at_once_and_after_each_own_write()
    {
        await using var names = Watch();
        Assert.Empty(await NextAsync(names));

        await client.PutAsync("projects", Id(1), Name("one"));
        Assert.Equal(["one"], await NextAsync(names));

        await client.DeleteAsync("projects", Id(1));
        Assert.Empty(await NextAsync(names));
    }

    [Fact]
    public async Task Whoever_takes_his_time_gets_the_newest_result_and_no_older_one()
    {
        await using var names = Watch();
        await NextAsync(names);

        foreach (var number in Enumerable.Range(1, 20))
            await client.PutAsync("projects", Id(number), Name($"{number:d2}"));

        Assert.Equal(20, (await NextAsync(names)).Count);
        await client.PutAsync("projects", Id(21), Name("21"));
        Assert.Equal(21, (await NextAsync(names)).Count);
    }

    [Fact]
    public async Task What_another_program_writes_into_the_same_file_is_seen()
    {
        await using var names = Watch();
        Assert.Empty(await NextAsync(names));

        await device.ApplyAsync(Log(0, 1, Put(1, 1, Name("theirs"))));

        Assert.Equal(["theirs"], await NextAsync(names));
        await device.EditAsync(Edit.Put("projects", Id(2), Name("too")));
        Assert.Equal(["theirs", "too"], await NextAsync(names));
    }

    [Fact]
    public async Task A_type_that_the_device_no_longer_takes_leaves_the_result()
    {
        await device.ApplyAsync(Log(0, 1, Put(1, 1, Name("theirs"))));
        await using var names = Watch();
        Assert.Equal(["theirs"], await NextAsync(names));

        await client.TakeOnlyAsync(["notes"]);

        Assert.Empty(await NextAsync(names));
    }

    [Fact]
    public async Task A_live_query_ends_with_its_client()
    {
        await using var names = Watch();
        await NextAsync(names);

        var next = names.MoveNextAsync();
        await client.DisposeAsync();

        Assert.False(await next);
    }

    [Theory]
    [InlineData("select name from projects", true, false)]
    [InlineData("select count(*) from notes", false, true)]
    [InlineData("select 1 from notes where exists (select 1 from projects)", true, true)]
    [InlineData("with n as (select id from notes) select p.id from projects p, n", true, true)]
    [InlineData("select count(*) from o_conflicts", true, true)]
    [InlineData("select 1", false, false)]
    public void A_query_is_touched_by_the_types_it_reads(string sql, bool projects, bool notes)
    {
        using var reader = client.OpenReader();
        var reads = QueryReads.Note(reader);

        LocalQuery.Run(reader, sql, row => row.FieldCount, null);

        Assert.Equal(projects, reads.AreTouchedBy(Touched("projects")));
        Assert.Equal(notes, reads.AreTouchedBy(Touched("notes")));
    }

    [Fact]
    public async Task A_transaction_touches_the_types_whose_rows_look_different_afterwards()
    {
        var touched = new List<TouchedTypes>();
        device.Database.Committed += commit => touched.Add(commit.Touched);

        await device.EditAsync(Edit.Put("projects", Id(1), Name("mine")));
        await device.TakeAsync();
        await device.ApplyAsync(Log(0, 1, Put(1, 2, Name("theirs"), "notes")));
        await device.AnswerAsync(new WireVerdict(1, ChangeStatus.Rejected, Code: "row_gone"));

        Assert.Equal(
            ["projects", "", "notes", "projects"],
            touched.Select(types => string.Join(',', Of(types)))
        );
    }

    private IAsyncEnumerator<IReadOnlyList<string>> Watch() =>
        client
            .WatchAsync("select name from projects order by name", row => row.GetString(0))
            .GetAsyncEnumerator();

    private static async Task<IReadOnlyList<string>> NextAsync(
        IAsyncEnumerator<IReadOnlyList<string>> names
    )
    {
        Assert.True(await names.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60)));
        return names.Current;
    }

    private static TouchedTypes Touched(string entity)
    {
        var touched = new TouchedTypes();
        touched.Add(entity);
        return touched;
    }

    private static IEnumerable<string> Of(TouchedTypes touched) =>
        new[] { "projects", "notes" }.Where(name => touched.Overlaps(new HashSet<string> { name }));
}
