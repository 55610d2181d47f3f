using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Xunit;

namespace Orchestra.Tests.Client.Live;

public sealed class LiveSyncTests(RunningServer server) : IClassFixture<RunningServer>
{
    private readonly Guid user = Guid.NewGuid();
    private readonly Guid row = Guid.NewGuid();

    [Fact]
    public async Task Two_devices_that_were_offline_come_to_the_same_state()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await using var bob = await LiveDevice.OpenAsync(server, user);
        await ada.Client.SyncAsync();
        await ada.PutAsync("projects", row, ("name", Text("Apollo")), ("color", Text("red")));
        await ada.Client.SyncAsync();
        await bob.Client.SyncAsync();

        await ada.PutAsync("projects", row, ("name", Text("Artemis")));
        await bob.PutAsync("projects", row, ("color", Text("blue")));
        await ada.Client.SyncAsync();
        await bob.Client.SyncAsync();
        await ada.Client.SyncAsync();

        Assert.Equal(Text("Artemis"), await bob.SeeAsync("projects", row, "name"));
        Assert.Equal(Text("blue"), await ada.SeeAsync("projects", row, "color"));
        await RequireSameAsync(ada, bob);
    }

    [Fact]
    public async Task A_connected_device_hears_of_a_change_at_once()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await using var bob = await LiveDevice.OpenAsync(server, user);
        await ada.Client.SyncAsync();
        var heard = new TaskCompletionSource<AppliedChange>();
        bob.Client.Changed += applied =>
        {
            if (applied.Changes.FirstOrDefault(change => change.Id == row) is { } change)
                heard.TrySetResult(change);
        };
        using var stop = new CancellationTokenSource();
        var running = bob.Client.RunAsync(stop.Token);

        await ada.PutAsync("projects", row, ("name", Text("Apollo")));
        await ada.Client.SyncAsync();

        var change = await heard.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.False(change.IsOwn);
        Assert.Equal(Text("Apollo"), await bob.SeeAsync("projects", row, "name"));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_lost_conflict_leaves_its_value_in_the_record()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await using var bob = await LiveDevice.OpenAsync(server, user);
        await ada.Client.SyncAsync();
        await ada.PutAsync("projects", row, ("name", Text("first")));
        await ada.Client.SyncAsync();
        await bob.Client.SyncAsync();

        // Bob edits first and is the last to arrive: the later edit stays.
        await bob.PutAsync("projects", row, ("name", Text("earlier")));
        bob.Time.Advance(TimeSpan.FromMinutes(1));
        await ada.PutAsync("projects", row, ("name", Text("later")));
        await ada.Client.SyncAsync();
        await bob.Client.SyncAsync();
        await ada.Client.SyncAsync();

        Assert.Equal(Text("later"), await bob.SeeAsync("projects", row, "name"));
        var lost = Assert.Single(await bob.Client.Conflicts.ListAsync());
        Assert.Equal(ConflictVerdict.Superseded, lost.Verdict);
        Assert.Equal(Text("earlier"), lost.Fields["name"]);
        await RequireSameAsync(ada, bob);
    }

    [Fact]
    public async Task A_row_deleted_and_made_anew_while_a_device_was_away_keeps_nothing_old()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await using var bob = await LiveDevice.OpenAsync(server, user);
        await ada.Client.SyncAsync();
        await ada.PutAsync("projects", row, ("name", Text("Apollo")), ("color", Text("red")));
        await ada.Client.SyncAsync();
        await bob.Client.SyncAsync();

        await ada.Client.DeleteAsync("projects", row);
        await ada.PutAsync("projects", row, ("name", Text("Apollo")));
        await ada.Client.SyncAsync();
        await bob.Client.SyncAsync();

        Assert.True((await bob.SeeAsync("projects", row, "color")).IsNull);
        await RequireSameAsync(ada, bob);
    }

    [Fact]
    public async Task A_rejected_change_holds_up_nothing_behind_it()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await ada.Client.SyncAsync();
        await ada.PutAsync("files", Guid.NewGuid(), File(project: Guid.NewGuid(), "orphan.cs"));
        await ada.PutAsync("projects", row, ("name", Text("Apollo")));

        await ada.Client.SyncAsync();

        Assert.Equal(Text("Apollo"), await ada.SeeAsync("projects", row, "name"));
        Assert.Empty(await ada.Client.ListAsync("files"));
        var lost = Assert.Single(await ada.Client.Conflicts.ListAsync());
        Assert.Equal(ErrorCode.ParentMissing.Name(), lost.Code);
        Assert.Equal(Text("orphan.cs"), lost.Fields["path"]);
    }

    [Fact]
    public async Task Edits_that_belong_together_fail_together()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await ada.Client.SyncAsync();
        var orphan = File(Guid.NewGuid(), "orphan.cs").ToDictionary(f => f.Item1, f => f.Item2);
        var name = new Dictionary<string, FieldValue> { ["name"] = Text("Apollo") };

        await ada.Client.WriteAsync(
            [Edit.Put("projects", row, name), Edit.Put("files", Guid.NewGuid(), orphan)],
            together: true
        );
        await ada.Client.SyncAsync();

        Assert.Empty(await ada.Client.ListAsync("projects"));
        Assert.Equal(2, (await ada.Client.Conflicts.ListAsync()).Count);
    }

    [Fact]
    public async Task Of_many_changes_only_the_one_that_no_push_can_carry_is_left_out()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await ada.Client.SyncAsync();
        var ids = Enumerable.Range(0, 40).Select(_ => Guid.NewGuid()).ToList();
        // Alone it nests no deeper than is allowed, but a push nests it deeper.
        var deep = FieldValue.Json(new string('[', 30) + new string(']', 30));
        foreach (var id in ids)
            await ada.PutAsync(
                "projects",
                id,
                ("name", Text("Apollo")),
                ("metadata", id == ids[17] ? deep : FieldValue.Null)
            );

        await ada.Client.SyncAsync();

        var there = (await ada.Client.ListAsync("projects")).Select(project => project.Id);
        Assert.Equal(ids.Where(id => id != ids[17]).Order(), there.Order());
        var lost = Assert.Single(await ada.Client.Conflicts.ListAsync());
        Assert.Equal(ids[17].ToString(), lost.RowId);
        Assert.Equal(ErrorCode.TooDeep.Name(), lost.Code);
        Assert.True((await ada.Client.ReadStatusAsync()).Matches);
    }

    [Fact]
    public async Task A_copied_database_becomes_a_device_of_its_own_and_both_lose_nothing()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await ada.PutAsync("projects", row, ("name", Text("Apollo")));
        await ada.Client.SyncAsync();
        await using var copy = await LiveDevice.OpenAsync(server, user);
        await copy.CopyFromAsync(ada, server, user);

        await ada.PutAsync("projects", row, ("name", Text("original")));
        await ada.Client.SyncAsync();
        await copy.PutAsync("projects", row, ("color", Text("copy")));
        await copy.Client.SyncAsync();
        await ada.PutAsync("projects", Guid.NewGuid(), ("name", Text("another")));
        await ada.Client.SyncAsync();
        await copy.Client.SyncAsync();

        var ids = new List<DeviceId>();
        foreach (var device in new[] { ada, copy })
            ids.Add((await device.Client.ReadStatusAsync()).Device);
        Assert.Equal(2, ids.Distinct().Count());
        Assert.Equal(Text("original"), await copy.SeeAsync("projects", row, "name"));
        Assert.Equal(Text("copy"), await ada.SeeAsync("projects", row, "color"));
        Assert.Equal(2, (await ada.Client.ListAsync("projects")).Count);
        await RequireSameAsync(ada, copy);
    }

    [Fact]
    public async Task A_database_serves_one_user_only()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await ada.Client.SyncAsync();
        await using var other = await ada.OpenClientAsync(server, Guid.NewGuid());

        var error = await Assert.ThrowsAsync<SyncException>(() => other.SyncAsync());

        Assert.Equal(ErrorCode.Forbidden, error.Code);
    }

    [Fact]
    public async Task What_another_program_writes_into_the_database_is_sent_by_the_connected_one()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await ada.Client.SyncAsync();
        using var stop = new CancellationTokenSource();
        var connected = new TaskCompletionSource();
        ada.Client.Connection += change =>
        {
            if (change.IsConnected)
                connected.TrySetResult();
        };
        var running = ada.Client.RunAsync(stop.Token);
        await connected.Task;
        await using var other = await ada.OpenClientAsync(server, user);

        var name = new Dictionary<string, FieldValue> { ["name"] = Text("Apollo") };
        await other.PutAsync("projects", row, name);
        await other.SyncAsync();

        Assert.Equal(0, (await other.ReadStatusAsync()).Outbox);
        Assert.True((await other.ListAsync("projects")).Single().Version > 0);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static FieldValue Text(string text) => FieldValue.Text(text);

    private static (string, FieldValue)[] File(Guid project, string path) =>
        [
            ("project_id", Text(project.ToString())),
            ("path", Text(path)),
            ("content_hash", Text(new string('0', 64))),
            ("size", FieldValue.Integer(1)),
        ];

    private static async Task RequireSameAsync(LiveDevice one, LiveDevice other)
    {
        Assert.Equal(await one.ContentsAsync(), await other.ContentsAsync());
        Assert.True((await one.Client.ReadStatusAsync()).Matches);
        Assert.True((await other.Client.ReadStatusAsync()).Matches);
    }
}
