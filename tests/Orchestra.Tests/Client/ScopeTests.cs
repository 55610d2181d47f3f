using Orchestra.Client;
using Orchestra.Client.Apply;
using Orchestra.Client.Rows;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Xunit;
using static Orchestra.Tests.Client.Frames;

namespace Orchestra.Tests.Client;

/// <summary>A device that takes some entity types only, and changes its mind.</summary>
public sealed class ScopeTests
{
    private static readonly EntityCatalog Two = new([
        .. Catalog.Types,
        new EntityType("notes", [Field("name", FieldType.Text)], serverOwned: false),
    ]);

    [Fact]
    public async Task What_is_no_longer_taken_is_dropped_and_no_longer_counts()
    {
        await using var device = await LocalDevice.CreateAsync(Two);
        await device.ApplyAsync(Log(0, 2, Put(1, 1, Name("kept")), Put(2, 2, Name("x"), "notes")));

        await ChangeAsync(device, "projects");

        var state = await device.StateAsync();
        Assert.Equal((DigestOf((1, 1)), 1L), (state.Digest, state.Rows));
        Assert.Equal(2, state.Cursor.Version);
        Assert.Null(await device.SeeAsync("notes", Id(2)));
        Assert.NotNull(await device.SeeAsync("projects", Id(1)));
    }

    [Fact]
    public async Task What_is_taken_again_is_fetched_from_the_start_over_what_is_here()
    {
        await using var device = await LocalDevice.CreateAsync(Two);
        await device.ApplyAsync(Log(0, 2, Put(1, 1, Name("kept")), Put(2, 2, Name("x"), "notes")));
        await ChangeAsync(device, "projects");

        await ChangeAsync(device, null);

        var cursor = (await device.StateAsync()).Cursor;
        Assert.Equal((0L, 2L), (cursor.Version, cursor.Floor));
        await device.ApplyAsync(
            Rows(
                0,
                2,
                more: false,
                floor: 2,
                Put(1, 1, Name("kept")),
                Put(2, 2, Name("x"), "notes")
            )
        );
        var state = await device.StateAsync();
        Assert.Equal((DigestOf((1, 1), (2, 2)), 2L), (state.Digest, state.Rows));
        Assert.True(state.IsComplete);
    }

    [Fact]
    public async Task The_same_types_in_another_order_are_no_change()
    {
        await using var device = await LocalDevice.CreateAsync(Two);
        Assert.True(await ChangeAsync(device, "projects", "notes"));
        Assert.False(await ChangeAsync(device, "notes", "projects", "notes"));
        Assert.Equal(["notes", "projects"], (await device.StateAsync()).Entities);
    }

    [Fact]
    public async Task A_type_that_does_not_exist_is_refused()
    {
        await using var device = await LocalDevice.CreateAsync(Two);
        var error = await Assert.ThrowsAsync<SyncException>(() => ChangeAsync(device, "nothing"));
        Assert.Equal(ErrorCode.UnknownEntity, error.Code);
        Assert.Null((await device.StateAsync()).Entities);
    }

    [Fact]
    public async Task Rows_that_differ_from_the_servers_are_dropped_but_not_twice_a_day()
    {
        await using var device = await LocalDevice.CreateAsync();
        var wrong = Log(0, 1, Put(1, 1, Name("Ada"))) with
        {
            Digest = "00000000000000ff",
            Rows = 1,
        };
        await device.ApplyAsync(wrong);

        Assert.True(await DropAsync(device));
        Assert.Equal(Cursor.Start(Epoch), (await device.StateAsync()).Cursor);
        // Nobody has to watch to hear of it.
        Assert.Equal(device.Time.GetUtcNow(), (await device.ReadAsync(ClientStatus.Of)).DifferedAt);
        await device.ApplyAsync(wrong);
        Assert.False(await DropAsync(device));
        device.Time.Advance(TimeSpan.FromHours(25));
        Assert.True(await DropAsync(device));
        Assert.Equal(0, await device.OutboxAsync());
    }

    private static Task<bool> DropAsync(LocalDevice device) =>
        device.Database.WriteAsync(
            local => DigestCheck.DropIfDifferent(local, device.ServerClock),
            CancellationToken.None
        );

    private static Task<bool> ChangeAsync(LocalDevice device, params string[]? entities) =>
        device.Database.WriteAsync(local => Scope.Change(local, entities), CancellationToken.None);
}
