using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>What lost is told to the one who lost, and kept for everybody to see.</summary>
[Collection(nameof(SharedServer))]
public sealed class ConflictRecordTests(SharedServer shared)
{
    private readonly OwnerId owner = SharedServer.NewOwner();

    [Fact]
    public async Task An_older_edit_of_the_same_fields_is_superseded_and_both_see_the_winner()
    {
        await using var desk = await RawDevice.ConnectAsync(shared.Server, owner);
        await using var phone = await RawDevice.ConnectAsync(shared.Server, owner);
        var id = Guid.NewGuid();
        var row = (await desk.PushAsync(Edits.Project(id, "first")))[0].Version!.Value;
        await desk.PushAsync(Edits.Update("projects", id, row, ("name", Edits.Text("now"))));
        var late = Edits.Update("projects", id, row, ("name", Edits.Text("an hour ago"))) with
        {
            AgeMs = 3_600_000,
        };
        // The base is raised above: an hour before the row was made is a moment after it.
        var verdict = Assert.Single(await phone.PushAsync(late));
        Assert.Equal(ChangeStatus.Superseded, verdict.Status);
        Assert.Equal("now", verdict.Fields!["name"].AsText());

        var conflict = Assert.Single((await ReadAsync("/v1/conflicts")).Conflicts);
        Assert.Equal(
            (ConflictVerdict.Superseded, late.Change, verdict.Version),
            (conflict.Verdict, conflict.Change, conflict.Version)
        );
        Assert.Equal("an hour ago", conflict.Fields["name"].AsText());
    }

    [Fact]
    public async Task An_edit_that_loses_one_of_its_fields_is_merged()
    {
        await using var desk = await RawDevice.ConnectAsync(shared.Server, owner);
        await using var phone = await RawDevice.ConnectAsync(shared.Server, owner);
        var id = Guid.NewGuid();
        var row = (await desk.PushAsync(Edits.Project(id)))[0].Version!.Value;
        await desk.PushAsync(Edits.Update("projects", id, row, ("name", Edits.Text("now"))));
        var late = Edits.Update(
            "projects",
            id,
            row,
            ("name", Edits.Text("late")),
            ("color", Edits.Text("red"))
        ) with
        {
            AgeMs = 3_600_000,
        };
        var verdict = Assert.Single(await phone.PushAsync(late));
        Assert.Equal(ChangeStatus.Merged, verdict.Status);
        Assert.Equal(["name"], verdict.Fields!.Keys);
        var entry = (await desk.PullAsync(0, entities: ["projects"])).Changes.Single();
        Assert.Equal(
            ("now", "red"),
            (entry.Fields["name"].AsText(), entry.Fields["color"].AsText())
        );
    }

    [Fact]
    public async Task The_record_is_read_newest_first_page_by_page()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        for (var n = 0; n < 5; n++)
            await device.PushAsync(Edits.Delete("projects", Guid.NewGuid()));
        var all = await ReadAsync("/v1/conflicts");
        Assert.Equal([5L, 4, 3, 2, 1], all.Conflicts.Select(conflict => conflict.Seq));
        Assert.All(all.Conflicts, conflict => Assert.Equal("row_gone", conflict.Code));

        var paged = new List<long>();
        var next = "";
        do
        {
            var page = await ReadAsync($"/v1/conflicts?limit=2&before={next}");
            paged.AddRange(page.Conflicts.Select(conflict => conflict.Seq));
            next = page.Next;
        } while (next is not null);
        Assert.Equal([5L, 4, 3, 2, 1], paged);
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=501")]
    [InlineData("limit=x")]
    [InlineData("limit=1&limit=2")]
    [InlineData("before=1")]
    [InlineData("before=1.2.3")]
    [InlineData("before=-1.0")]
    [InlineData("before=1.99999999999")]
    public async Task A_page_that_there_cannot_be_is_malformed(string query)
    {
        var door = await HttpDoor.OpenAsync(shared.Server, owner);
        var answer = await door.GetAsync($"/v1/conflicts?{query}");
        Assert.Equal(
            ("malformed", query[..query.IndexOf('=')]),
            (answer.Error.Code, answer.Error.Field)
        );
    }

    private async Task<WireConflicts> ReadAsync(string path)
    {
        var door = await HttpDoor.OpenAsync(shared.Server, owner);
        return WireCodec.ReadConflicts((await door.GetAsync(path)).Utf8);
    }
}
