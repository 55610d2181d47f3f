using Orchestra.Client;
using Orchestra.Sync;
using Xunit;

namespace Orchestra.Tests.Client.Live;

/// <summary>The server is put back to an old backup, and its devices bring it up to date again.</summary>
public sealed class RestoredServerTests : IAsyncLifetime
{
    private readonly RunningServer server = new();
    private readonly Guid user = Guid.NewGuid();

    public Task InitializeAsync() => server.InitializeAsync();

    public Task DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task P21_Two_devices_that_come_back_one_after_the_other_heal_a_thousand_changes()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await using var bob = await LiveDevice.OpenAsync(server, user);
        var old = Ids(100);
        await WriteAsync(ada, old.Select(id => Put(id, "old")));
        await SyncAsync(ada, bob);
        var restore = await server.BackUpAsync();

        var project = Guid.NewGuid();
        await WriteAsync(ada, [Put(project, "parent"), .. Ids(500).Select(id => Put(id, "ada's"))]);
        await WriteAsync(ada, old.Take(30).Select(id => Edit.Delete("projects", id)));
        await SyncAsync(ada, bob);
        // What only Bob has heard of: Ada was not connected any more.
        await WriteAsync(bob, Ids(450).Select(id => Put(id, "bob's", project)));
        await WriteAsync(bob, old.TakeLast(40).Select(id => Put(id, "edited")));
        await SyncAsync(bob);
        // And what nobody has heard of: on a row that the backup does not have.
        await WriteAsync(
            ada,
            [Put(project, "parent, edited offline"), Put(Guid.NewGuid(), "offline")]
        );
        var expected = (await RowsAsync(bob)).ToDictionary();
        foreach (var (id, name) in await RowsAsync(ada))
            if (!expected.ContainsKey(id) || name.EndsWith("offline", StringComparison.Ordinal))
                expected[id] = name;

        await restore();
        await SyncAsync(ada, bob, ada);

        Assert.Equal(expected.OrderBy(row => row.Key), await RowsAsync(ada));
        Assert.Equal(await ada.ContentsAsync(), await bob.ContentsAsync());
        foreach (var device in new[] { ada, bob })
        {
            var status = await device.Client.ReadStatusAsync();
            Assert.Equal((0L, 0L), (status.Outbox, status.Conflicts));
            Assert.True(status.Matches);
        }
        // A device that was never there before gets the same.
        await using var eve = await LiveDevice.OpenAsync(server, user);
        await SyncAsync(eve);
        Assert.Equal(expected.OrderBy(row => row.Key), await RowsAsync(eve));
    }

    private static List<Guid> Ids(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Guid.NewGuid())];

    /// <summary>Projects, or tasks where there is a project.</summary>
    private static Edit Put(Guid id, string name, Guid? project = null) =>
        project is { } parent
            ? Edit.Put(
                "tasks",
                id,
                new Dictionary<string, FieldValue>
                {
                    ["title"] = FieldValue.Text(name),
                    ["status"] = FieldValue.Text("open"),
                    ["project_id"] = FieldValue.Text(parent.ToString()),
                }
            )
            : Edit.Put(
                "projects",
                id,
                new Dictionary<string, FieldValue> { ["name"] = FieldValue.Text(name) }
            );

    private static Task<int> WriteAsync(LiveDevice device, IEnumerable<Edit> edits) =>
        device.Client.WriteAsync([.. edits]);

    private static async Task SyncAsync(params LiveDevice[] devices)
    {
        foreach (var device in devices)
            await device.Client.SyncAsync();
    }

    private static async Task<IEnumerable<KeyValuePair<Guid, string>>> RowsAsync(LiveDevice device)
    {
        var projects = await device.Client.ListAsync("projects");
        var tasks = await device.Client.ListAsync("tasks");
        return projects
            .Select(row => KeyValuePair.Create(row.Id, row.Fields["name"].AsText()))
            .Concat(tasks.Select(row => KeyValuePair.Create(row.Id, row.Fields["title"].AsText())))
            .OrderBy(row => row.Key);
    }
}
