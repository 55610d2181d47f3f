using Orchestra.Client.Local;
using Orchestra.Client.Rows;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Xunit;

namespace Orchestra.Tests.Client.Live;

/// <summary>Devices whose tables were made for another server version than the one they meet.</summary>
public sealed class CatalogVersionsTests(RunningServer server) : IClassFixture<RunningServer>
{
    private readonly Guid user = Guid.NewGuid();
    private readonly Guid row = Guid.NewGuid();

    [Fact]
    public async Task A_device_two_versions_behind_gets_the_new_types_and_fields_and_keeps_its_edits()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await using var old = await LiveDevice.OpenAsync(server, user);
        await ada.Client.SyncAsync();
        await ada.PutAsync("projects", row, ("name", Text("Apollo")), ("color", Text("red")));
        await ada.PutAsync(
            "tasks",
            Guid.NewGuid(),
            ("title", Text("one")),
            ("status", Text("open"))
        );
        await ada.Client.SyncAsync();
        var known = await ada.Client.ReadCatalogAsync();
        // First there were projects without colors, then with them, then tasks; it saw the first.
        await GrowAsync(old, new([Only(known["projects"], "name")]));
        await old.PutAsync("projects", Guid.NewGuid(), ("name", Text("offline")));

        await old.Client.SyncAsync();
        await ada.Client.SyncAsync();

        Assert.Equal(Text("red"), await old.SeeAsync("projects", row, "color"));
        Assert.Equal(await ada.ContentsAsync(), await old.ContentsAsync());
        Assert.True((await old.Client.ReadStatusAsync()).Matches);
    }

    [Fact]
    public async Task A_device_one_version_ahead_syncs_what_the_server_knows_and_keeps_the_rest()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await using var ahead = await LiveDevice.OpenAsync(server, user);
        await ada.Client.SyncAsync();
        await ahead.Client.SyncAsync();
        var known = await ada.Client.ReadCatalogAsync();
        var color = known["projects"].Find("color")!;
        var projects = new EntityType(
            "projects",
            [.. known["projects"].Fields, color with { Name = "shade" }],
            serverOwned: false
        );
        await GrowAsync(
            ahead,
            new([
                projects,
                .. known.Types.Where(type => type.Name != "projects"),
                new EntityType("dreams", [color], serverOwned: false),
            ])
        );
        await ahead.PutAsync("projects", row, ("name", Text("Apollo")));
        await ahead.PutAsync("dreams", Guid.NewGuid(), ("color", Text("blue")));
        await ahead.PutAsync("projects", Guid.NewGuid(), ("name", Text("x")), ("shade", Text("y")));

        await ahead.Client.SyncAsync();
        await ada.Client.SyncAsync();

        Assert.Equal(Text("Apollo"), await ada.SeeAsync("projects", row, "name"));
        Assert.Equal(await ada.ContentsAsync(), await ahead.ContentsAsync());
        Assert.True((await ahead.Client.ReadStatusAsync()).Matches);
        var lost = await ahead.Client.Conflicts.ListAsync();
        Assert.Equal(
            [ErrorCode.UnknownEntity.Name(), ErrorCode.UnknownField.Name()],
            lost.Select(conflict => conflict.Code).Order()
        );
    }

    private static FieldValue Text(string text) => FieldValue.Text(text);

    private static EntityType Only(EntityType type, params string[] fields) =>
        new(type.Name, [.. type.Fields.Where(field => fields.Contains(field.Name))], false);

    /// <summary>Gives the device the tables of another server version.</summary>
    private static async Task GrowAsync(LiveDevice device, EntityCatalog catalog)
    {
        await using var database = LocalDatabase.Open(
            device.Database,
            new NewDevice(DeviceKind.Desktop, "test"),
            device.Time
        );
        await database.WriteAsync(
            local =>
            {
                CatalogGrowth.Apply(local, WireCatalog.From(catalog));
                return true;
            },
            CancellationToken.None
        );
    }
}
