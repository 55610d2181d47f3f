using Orchestra.Client;
using Orchestra.Sync;
using Xunit;

namespace Orchestra.Tests.Client.Live;

public sealed class LiveScopeTests(RunningServer server) : IClassFixture<RunningServer>
{
    private readonly Guid user = Guid.NewGuid();

    [Fact]
    public async Task A_phone_leaves_types_out_takes_them_later_and_drops_them_again()
    {
        await using var laptop = await LiveDevice.OpenAsync(server, user);
        await using var phone = await LiveDevice.OpenAsync(server, user);
        await laptop.Client.SyncAsync();
        var project = Guid.NewGuid();
        await laptop.PutAsync("projects", project, ("name", Text("Apollo")));
        await laptop.PutAsync("tasks", Guid.NewGuid(), Task("one", project));
        await laptop.Client.SyncAsync();

        await phone.Client.SyncAsync();
        await phone.Client.TakeOnlyAsync(["tasks"]);
        Assert.True(await phone.Client.VerifyAsync());
        Assert.Empty(await phone.Client.ListAsync("projects"));

        // While the phone does not look, what it will want again is changed and deleted.
        var gone = Guid.NewGuid();
        await laptop.PutAsync("projects", gone, ("name", Text("Gemini")));
        await laptop.PutAsync("projects", project, ("name", Text("Artemis")));
        await laptop.PutAsync("tasks", Guid.NewGuid(), Task("two", project));
        await laptop.Client.SyncAsync();
        await laptop.Client.DeleteAsync("projects", gone);
        await laptop.Client.SyncAsync();
        await phone.Client.SyncAsync();
        Assert.Equal(2, (await phone.Client.ListAsync("tasks")).Count);

        await phone.Client.TakeOnlyAsync(null);
        Assert.True(await phone.Client.VerifyAsync());
        Assert.Equal(await laptop.ContentsAsync(), await phone.ContentsAsync());
    }

    [Fact]
    public async Task A_connected_device_that_changes_its_mind_gets_what_it_lacks_at_once()
    {
        await using var laptop = await LiveDevice.OpenAsync(server, user);
        await using var phone = await LiveDevice.OpenAsync(server, user);
        await laptop.Client.SyncAsync();
        await laptop.PutAsync("projects", Guid.NewGuid(), ("name", Text("Apollo")));
        await laptop.Client.SyncAsync();
        await phone.Client.SyncAsync();
        await phone.Client.TakeOnlyAsync([]);
        using var stop = new CancellationTokenSource();
        var running = phone.Client.RunAsync(stop.Token);
        await phone.Client.SyncAsync();
        Assert.Empty(await phone.Client.ListAsync("projects"));
        var arrived = new TaskCompletionSource();
        phone.Client.Changed += _ => arrived.TrySetResult();

        await phone.Client.TakeOnlyAsync(null);

        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Single(await phone.Client.ListAsync("projects"));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task What_lost_can_be_restored_and_is_an_edit_like_any_other()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await using var bob = await LiveDevice.OpenAsync(server, user);
        var row = Guid.NewGuid();
        await ada.PutAsync("projects", row, ("name", Text("first")));
        await ada.Client.SyncAsync();
        await bob.Client.SyncAsync();
        await bob.PutAsync("projects", row, ("name", Text("earlier")));
        bob.Time.Advance(TimeSpan.FromMinutes(1));
        await ada.PutAsync("projects", row, ("name", Text("later")));
        await ada.Client.SyncAsync();
        await bob.Client.SyncAsync();

        var lost = Assert.Single(await bob.Client.Conflicts.ListAsync());
        Assert.True(await bob.Client.Conflicts.RestoreAsync(lost.Change));
        Assert.False(await bob.Client.Conflicts.RestoreAsync(lost.Change));
        await bob.Client.SyncAsync();
        await ada.Client.SyncAsync();

        Assert.Equal(Text("earlier"), await ada.SeeAsync("projects", row, "name"));
        Assert.Equal(0, await bob.Client.Conflicts.CountAsync());
    }

    [Fact]
    public async Task P22_A_transaction_reaches_the_other_device_whole_and_an_abandoned_one_nobody()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await using var bob = await LiveDevice.OpenAsync(server, user);
        await ada.Client.SyncAsync();
        await bob.Client.SyncAsync();
        var project = Guid.NewGuid();
        await using (var abandoned = await ada.Client.BeginAsync())
            abandoned.Put("projects", Guid.NewGuid(), Fields(("name", Text("never"))));
        await using var edits = await ada.Client.BeginAsync();
        edits.Put("projects", project, Fields(("name", Text("Apollo"))));
        edits.Put("tasks", Guid.NewGuid(), Fields(Task("one", project)));
        edits.Put("tasks", Guid.NewGuid(), Fields(Task("two", project)));
        Assert.Equal(3, await edits.CommitAsync());
        await ada.Client.SyncAsync();
        var frames = new List<int>();
        bob.Client.Changed += applied => frames.Add(applied.Changes.Count);

        await bob.Client.SyncAsync();

        Assert.Equal(3, Assert.Single(frames));
        Assert.Equal(await ada.ContentsAsync(), await bob.ContentsAsync());
        Assert.Throws<InvalidOperationException>(() => edits.Delete("projects", project));
    }

    private static FieldValue Text(string text) => FieldValue.Text(text);

    private static (string, FieldValue)[] Task(string title, Guid project) =>
        [
            ("title", Text(title)),
            ("project_id", Text(project.ToString())),
            ("status", Text("open")),
        ];

    private static Dictionary<string, FieldValue> Fields(
        params (string Name, FieldValue Value)[] fields
    ) => fields.ToDictionary(field => field.Name, field => field.Value);
}
