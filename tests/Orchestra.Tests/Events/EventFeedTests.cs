using System.Net;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Events;

/// <summary>What operators see at a silo's admin listener.</summary>
[Collection(nameof(SharedSilo))]
public sealed class EventFeedTests(SharedSilo shared)
{
    private readonly OwnerId owner = SharedServer.NewOwner();

    [Fact]
    public async Task A_push_shows_as_a_commit_with_its_versions_and_its_device()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Silo, owner);
        await using var events = await WatchAsync();
        var verdicts = await device.PushAsync(Edits.Project("secret"), Edits.Project("secret"));

        var commit = await events.ExpectEventAsync("commit");
        // The device's registration was a commit too, and may be told late.
        if (commit["to"].AsInteger() < verdicts[0].Version)
            commit = await events.ExpectEventAsync("commit");
        Assert.Equal(
            (verdicts[0].Version, verdicts[1].Version, 2L),
            (commit["from"].AsInteger(), commit["to"].AsInteger(), commit["count"].AsInteger())
        );
        Assert.Equal(
            (owner.ToString(), device.Device.Id.ToString()),
            (commit["owner"].AsText(), commit["device"].AsText())
        );
        Assert.DoesNotContain("secret", WireCodec.WriteFields(commit), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_that_loses_shows_as_a_conflict()
    {
        await using var desk = await RawDevice.ConnectAsync(shared.Silo, owner);
        await using var phone = await RawDevice.ConnectAsync(shared.Silo, owner);
        await using var events = await WatchAsync();
        var id = Guid.NewGuid();
        var row = (await desk.PushAsync(Edits.Project(id, "first")))[0].Version!.Value;
        await desk.PushAsync(Edits.Update("projects", id, row, ("name", Edits.Text("now"))));
        var late = Edits.Update("projects", id, row, ("name", Edits.Text("late"))) with
        {
            AgeMs = 3_600_000,
        };
        await phone.PushAsync(late);

        var conflict = await events.ExpectEventAsync("conflict");
        Assert.Equal(
            ("superseded", "projects", phone.Device.Id.ToString(), 1L),
            (
                conflict["detail"].AsText(),
                conflict["entity"].AsText(),
                conflict["device"].AsText(),
                conflict["count"].AsInteger()
            )
        );
    }

    [Fact]
    public async Task Bad_changes_show_as_rejections_with_their_code_and_number()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Silo, owner);
        await using var events = await WatchAsync("kind=rejection");
        await device.PushAsync(
            Edits.Delete("projects", Guid.NewGuid()),
            Edits.Project(),
            Edits.Delete("projects", Guid.NewGuid())
        );
        var rejection = await events.ExpectEventAsync("rejection");
        Assert.Equal(
            ("row_gone", 2L),
            (rejection["detail"].AsText(), rejection["count"].AsInteger())
        );
    }

    [Fact]
    public async Task A_push_that_is_refused_as_a_whole_shows_as_a_rejection()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Silo, owner);
        await using var events = await WatchAsync();
        device.LastSeq = 4;
        await device.SendAsync(Edits.Project());
        var rejection = await events.ExpectEventAsync("rejection");
        Assert.Equal(
            ("sequence_gap", device.Device.Id.ToString()),
            (rejection["detail"].AsText(), rejection["device"].AsText())
        );
    }

    [Fact]
    public async Task A_cursor_that_cannot_be_served_shows_as_a_reset()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Silo, owner);
        await using var events = await WatchAsync("kind=reset,lost_fence");
        await device.Socket.SendAsync(new PullMessage(owner, device.Epoch + 1, 1, 1));
        await device.Socket.ExpectAsync<ResetMessage>();
        Assert.Equal("epoch_changed", (await events.ExpectEventAsync("reset"))["detail"].AsText());
    }

    [Fact]
    public async Task A_filter_lets_through_what_it_names_and_nothing_else()
    {
        await using var other = await RawDevice.ConnectAsync(shared.Silo, SharedServer.NewOwner());
        await using var device = await RawDevice.ConnectAsync(shared.Silo, owner);
        await using var all = await EventReader.OpenAsync(shared.Silo.Admin);
        await using var commits = await WatchAsync("kind=commit");
        await other.PushAsync(Edits.Project());
        device.LastSeq = 4;
        await device.SendAsync(Edits.Project());
        await device.Socket.ExpectErrorAsync(ErrorCode.SequenceGap);
        device.LastSeq = 0;
        await device.PushAsync(Edits.Project());

        await all.ExpectAsync("event", e => e["owner"].AsText() == other.Owner.ToString());
        await all.ExpectAsync("event", e => e["detail"] == FieldValue.Text("sequence_gap"));
        var first = await commits.ExpectAsync("event");
        Assert.Equal(
            ("commit", owner.ToString()),
            (first["kind"].AsText(), first["owner"].AsText())
        );
    }

    [Theory]
    [InlineData("owner=me", "owner is one UUID")]
    [InlineData("owner=0F6C5A3E-8B1D-4C2F-A7E9-3D5B1F2C4A68", "owner is one UUID")]
    [InlineData("owner=a&owner=b", "owner is one UUID")]
    [InlineData("kind=commits", "kind is one or more of commit, conflict")]
    [InlineData("kind=commit,", "kind is one or more of")]
    [InlineData("kind=commit&kind=reset", "kind is one or more of")]
    [InlineData("kinds=commit", "The parameters are owner and kind")]
    public async Task A_bad_filter_is_refused_with_a_sentence(string query, string sentence)
    {
        using var http = new HttpClient { BaseAddress = shared.Silo.Admin };
        using var answer = await http.GetAsync($"/events/stream?{query}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(sentence, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_page_is_at_the_admin_listener_and_not_at_the_gateway()
    {
        using var http = new HttpClient { BaseAddress = shared.Silo.Admin };
        Assert.Contains("Orchestra events", await http.GetStringAsync("/events"));
        foreach (var path in new[] { "/events", "/events/stream" })
        {
            using var answer = await shared.Silo.Http.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Where_others_reach_the_admin_listener_there_are_no_events()
    {
        await using var silo = await RunningSilo.StartAsync(
            settings: ("Orchestra:Admin:Url", "http://0.0.0.0:0")
        );
        using var http = new HttpClient
        {
            BaseAddress = new Uri($"http://127.0.0.1:{silo.Admin.Port}"),
        };
        foreach (var path in new[] { "/events", "/events/stream" })
        {
            using var answer = await http.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    private Task<EventReader> WatchAsync(string query = "") =>
        EventReader.OpenAsync(shared.Silo.Admin, $"?owner={owner}&{query}");
}
