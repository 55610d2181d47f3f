using Orchestra.Client;
using Orchestra.Client.Apply;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Xunit;
using static Orchestra.Tests.Client.Frames;

namespace Orchestra.Tests.Client;

public sealed class FrameTests
{
    [Fact]
    public async Task A_frame_moves_rows_cursor_digest_and_count_together()
    {
        await using var device = await LocalDevice.CreateAsync();

        await device.ApplyAsync(Log(0, 2, Put(1, 1, Name("Ada")), Put(2, 2, Name("Bob"))));
        await device.ApplyAsync(Log(2, 4, Put(3, 1, Name("Eva")), Gone(4, 2)));

        var state = await device.StateAsync();
        Assert.Equal(4, state.Cursor.Version);
        Assert.Equal(1, state.Rows);
        Assert.Equal(DigestOf((1, 3)), state.Digest);
        Assert.Equal(FieldValue.Text("Eva"), (await device.SeeAsync("projects", Id(1)))!["name"]);
        Assert.Null(await device.SeeAsync("projects", Id(2)));
    }

    [Fact]
    public async Task A_frame_that_fails_half_way_leaves_nothing_behind()
    {
        await using var device = await LocalDevice.CreateAsync();
        await device.ApplyAsync(Log(0, 1, Put(1, 1, Name("Ada"))));
        var before = await device.StateAsync();

        // The second entry is older than what the device has, which no server may send.
        await Assert.ThrowsAsync<InvariantException>(() =>
            device.ApplyAsync(Log(1, 3, Put(3, 2, Name("Bob")), Put(3, 2, Name("Bob"))))
        );
        await device.ReopenAsync();

        Assert.Equal(before, await device.StateAsync());
        Assert.Null(await device.SeeAsync("projects", Id(2)));
    }

    [Fact]
    public async Task A_log_entry_writes_only_the_fields_it_carries()
    {
        await using var device = await LocalDevice.CreateAsync();
        var first = Name("Ada");
        first["summary"] = FieldValue.Text("first");
        await device.ApplyAsync(Log(0, 1, Put(1, 1, first)));

        await device.ApplyAsync(Log(1, 2, Put(2, 1, Name("Eva"))));

        var row = (await device.SeeAsync("projects", Id(1)))!;
        Assert.Equal(FieldValue.Text("first"), row["summary"]);
        Assert.Equal(FieldValue.Text("Eva"), row["name"]);
    }

    [Fact]
    public async Task A_row_that_comes_back_keeps_nothing_of_its_former_life()
    {
        await using var device = await LocalDevice.CreateAsync();
        var first = Name("Ada");
        first["summary"] = FieldValue.Text("first life");
        await device.ApplyAsync(Log(0, 2, Put(1, 1, first)));
        await device.ApplyAsync(Log(2, 3, Gone(3, 1)));

        await device.ApplyAsync(Log(3, 4, Put(4, 1, Name("Ada"))));

        Assert.True((await device.SeeAsync("projects", Id(1)))!["summary"].IsNull);
    }

    [Fact]
    public async Task Every_kind_of_value_is_seen_as_it_was_sent()
    {
        await using var device = await LocalDevice.CreateAsync();
        var fields = new Dictionary<string, FieldValue>
        {
            ["name"] = FieldValue.Text("quote ' \" and \u2603"),
            ["summary"] = FieldValue.Null,
            ["stars"] = FieldValue.Integer(-(1L << 52)),
            ["share"] = FieldValue.Real(0.1),
            ["archived"] = FieldValue.Boolean(true),
            ["settings"] = FieldValue.Json("""{"a":[1,"x",null]}"""),
        };

        await device.ApplyAsync(Log(0, 1, Put(1, 1, fields)));
        await device.EditAsync(Edit.Put("projects", Id(2), fields));

        Assert.Equal(fields, await device.SeeAsync("projects", Id(1)));
        Assert.Equal(fields, await device.SeeAsync("projects", Id(2)));
    }

    [Fact]
    public async Task Of_a_frame_that_begins_earlier_only_the_newer_entries_count()
    {
        await using var device = await LocalDevice.CreateAsync();
        await device.ApplyAsync(Log(0, 2, Put(1, 1, Name("one")), Put(2, 1, Name("two"))));

        await device.ApplyAsync(
            Log(0, 3, Put(1, 1, Name("one")), Put(2, 1, Name("two")), Put(3, 2, Name("three")))
        );

        Assert.Equal(DigestOf((1, 2), (2, 3)), (await device.StateAsync()).Digest);
    }

    [Theory]
    [InlineData(5, 9, nameof(FrameOutcome.Gap))]
    [InlineData(0, 2, nameof(FrameOutcome.Known))]
    [InlineData(2, 3, nameof(FrameOutcome.Known))]
    [InlineData(3, 3, nameof(FrameOutcome.Known))]
    public async Task What_does_not_continue_the_cursor_moves_nothing(
        long from,
        long to,
        string expected
    )
    {
        await using var device = await LocalDevice.CreateAsync();
        await device.ApplyAsync(Log(0, 3, Put(3, 1, Name("Ada"))));
        var before = await device.StateAsync();

        var outcome = await device.ApplyAsync(Log(from, to));

        Assert.Equal(expected, outcome.ToString());
        Assert.Equal(before, await device.StateAsync());
    }

    [Fact]
    public async Task A_frame_of_another_epoch_is_ignored()
    {
        await using var device = await LocalDevice.CreateAsync();

        var frame = Log(0, 1, Put(1, 1, Name("Ada"))) with { Epoch = Epoch + 1 };

        Assert.Equal(FrameOutcome.Foreign, await device.ApplyAsync(frame));
        Assert.Null(await device.SeeAsync("projects", Id(1)));
    }

    [Fact]
    public async Task Row_frames_keep_their_floor_until_the_last_one()
    {
        await using var device = await LocalDevice.CreateAsync();

        await device.ApplyAsync(Rows(0, 4, more: true, floor: 9, Put(4, 1, Name("Ada"))));
        Assert.Equal(9, (await device.StateAsync()).Cursor.Floor);

        // In between the log may not be continued: rows below the floor are still missing.
        Assert.Equal(FrameOutcome.Gap, await device.ApplyAsync(Log(4, 5, Put(5, 3, Name("Cy")))));

        await device.ApplyAsync(Rows(4, 9, more: false, floor: 9, Put(8, 2, Name("Bob"))));
        Assert.Null((await device.StateAsync()).Cursor.Floor);
        Assert.Equal(DigestOf((1, 4), (2, 8)), (await device.StateAsync()).Digest);
    }

    [Fact]
    public async Task A_row_frame_replaces_the_whole_row()
    {
        await using var device = await LocalDevice.CreateAsync();
        var first = Name("Ada");
        first["summary"] = FieldValue.Text("old");
        await device.ApplyAsync(Log(0, 1, Put(1, 1, first)));

        await device.ApplyAsync(Rows(1, 5, more: false, floor: 1, Put(5, 1, Name("Ada"))));

        Assert.True((await device.SeeAsync("projects", Id(1)))!["summary"].IsNull);
    }

    [Fact]
    public async Task A_change_of_this_device_that_it_never_made_means_a_copied_database()
    {
        await using var device = await LocalDevice.CreateAsync();
        var own = Put(1, 1, Name("Ada")) with
        {
            Device = (await device.StateAsync()).Device,
            Seq = 1,
            Change = new ChangeId(Id(99)),
        };

        var error = await Assert.ThrowsAsync<SyncException>(() =>
            device.ApplyAsync(Log(0, 1, own))
        );

        Assert.Equal(ErrorCode.DeviceForked, error.Code);
        Assert.Equal(0, (await device.StateAsync()).Cursor.Version);
    }

    [Fact]
    public async Task What_the_catalog_does_not_know_yet_counts_and_appears_when_it_does()
    {
        await using var device = await LocalDevice.CreateAsync();
        var fields = Name("Ada");
        fields["colour"] = FieldValue.Text("red");
        var task = new Dictionary<string, FieldValue> { ["title"] = FieldValue.Text("paint") };
        await device.ApplyAsync(Log(0, 2, Put(1, 1, fields), Put(2, 2, task, "tasks")));
        Assert.Equal(DigestOf((1, 1), (2, 2)), (await device.StateAsync()).Digest);

        var projects = Catalog.Types[0];
        var grown = new EntityCatalog([
            new("projects", [.. projects.Fields, Field("colour", FieldType.Text)], false),
            new("tasks", [Field("title", FieldType.Text)], false),
        ]);
        await device.WriteAsync(local =>
            Orchestra.Client.Rows.CatalogGrowth.Apply(local, WireCatalog.From(grown))
        );

        Assert.Equal(FieldValue.Text("red"), (await device.SeeAsync("projects", Id(1)))!["colour"]);
        Assert.Equal(FieldValue.Text("paint"), (await device.SeeAsync("tasks", Id(2)))!["title"]);
        await device.ApplyAsync(Log(2, 3, Put(3, 2, task, "tasks")));
        Assert.Equal(DigestOf((1, 1), (2, 3)), (await device.StateAsync()).Digest);
    }
}
