using Orchestra.Client;
using Orchestra.Client.Apply;
using Orchestra.Client.Outbox;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Xunit;
using static Orchestra.Tests.Client.Frames;

namespace Orchestra.Tests.Client;

public sealed class OutboxTests
{
    [Fact]
    public async Task An_app_sees_its_own_edit_over_the_servers_row_until_the_server_has_it()
    {
        await using var device = await LocalDevice.CreateAsync();
        await device.ApplyAsync(Log(0, 1, Put(1, 1, Name("server"))));
        await device.EditAsync(Edit.Put("projects", Id(1), Name("mine")));

        // An older write of somebody else arrives before the own one has been sent.
        await device.ApplyAsync(Log(1, 2, Put(2, 1, Name("theirs"))));
        Assert.Equal(FieldValue.Text("mine"), (await device.SeeAsync("projects", Id(1)))!["name"]);

        var change = (await device.TakeAsync()).Single();
        await device.AnswerAsync(new WireVerdict(1, ChangeStatus.Superseded, 3));
        Assert.Equal(FieldValue.Text("mine"), (await device.SeeAsync("projects", Id(1)))!["name"]);

        await device.ApplyAsync(Log(2, 3, Echo(change, 3, await device.StateAsync(), [])));
        Assert.Equal(
            FieldValue.Text("theirs"),
            (await device.SeeAsync("projects", Id(1)))!["name"]
        );
        Assert.Equal(0, await device.OutboxAsync());
    }

    [Fact]
    public async Task A_delete_hides_a_row_and_a_later_create_shows_only_its_own_fields()
    {
        await using var device = await LocalDevice.CreateAsync();
        var fields = Name("Ada");
        fields["summary"] = FieldValue.Text("old");
        await device.ApplyAsync(Log(0, 1, Put(1, 1, fields)));

        await device.EditAsync(Edit.Delete("projects", Id(1)));
        Assert.Null(await device.SeeAsync("projects", Id(1)));

        await device.EditAsync(Edit.Put("projects", Id(1), Name("again")));
        Assert.True((await device.SeeAsync("projects", Id(1)))!["summary"].IsNull);
    }

    [Fact]
    public async Task An_edit_that_changes_nothing_makes_no_change()
    {
        await using var device = await LocalDevice.CreateAsync();
        await device.ApplyAsync(Log(0, 1, Put(1, 1, Name("Ada"))));

        await device.EditAsync(Edit.Put("projects", Id(1), Name("Ada")));
        await device.EditAsync(Edit.Delete("projects", Id(2)));

        Assert.Equal(0, await device.OutboxAsync());
    }

    [Fact]
    public async Task An_update_carries_only_what_differs_and_the_version_it_knew()
    {
        await using var device = await LocalDevice.CreateAsync();
        await device.ApplyAsync(Log(0, 5, Put(5, 1, Name("Ada"))));
        var fields = Name("Ada");
        fields["stars"] = FieldValue.Integer(3);

        await device.EditAsync(Edit.Put("projects", Id(1), fields));

        var change = (await device.TakeAsync()).Single();
        Assert.Equal(ChangeOp.Update, change.Op);
        Assert.Equal(5, change.Base);
        Assert.Equal("stars", Assert.Single(change.Fields).Key);
    }

    [Fact]
    public async Task A_seq_once_given_survives_a_crash_and_is_given_to_no_other_change()
    {
        await using var device = await LocalDevice.CreateAsync();
        await device.EditAsync(Edit.Put("projects", Id(1), Name("one")));
        var sent = (await device.TakeAsync()).Single();

        await device.ReopenAsync();
        await device.EditAsync(Edit.Put("projects", Id(2), Name("two")));
        var again = await device.TakeAsync();

        Assert.Equal([1L, 2L], again.Select(change => change.Seq!.Value));
        Assert.Equal(sent.Id, again[0].Id);
    }

    [Fact]
    public async Task A_verdict_moves_no_cursor_and_the_change_stays_until_its_version_is_here()
    {
        await using var device = await LocalDevice.CreateAsync();
        await device.EditAsync(Edit.Put("projects", Id(1), Name("mine")));
        var change = (await device.TakeAsync()).Single();

        await device.AnswerAsync(new WireVerdict(1, ChangeStatus.Applied, 4));
        Assert.Equal(1, await device.OutboxAsync());
        Assert.Equal(0, (await device.StateAsync()).Cursor.Version);
        Assert.Empty(await device.TakeAsync());

        await device.ApplyAsync(
            Log(0, 4, Echo(change, 4, await device.StateAsync(), Name("mine")))
        );
        Assert.Equal(0, await device.OutboxAsync());
    }

    [Fact]
    public async Task An_echo_before_its_verdict_takes_the_change_off_the_rows_but_asks_again()
    {
        await using var device = await LocalDevice.CreateAsync();
        await device.EditAsync(Edit.Put("projects", Id(1), Name("mine")));
        var change = (await device.TakeAsync()).Single();

        await device.ApplyAsync(
            Log(
                0,
                2,
                Echo(change, 1, await device.StateAsync(), Name("mine")),
                Put(2, 1, Name("theirs"))
            )
        );

        Assert.Equal(
            FieldValue.Text("theirs"),
            (await device.SeeAsync("projects", Id(1)))!["name"]
        );
        Assert.Equal(change.Id, (await device.TakeAsync()).Single().Id);
        await device.AnswerAsync(
            new WireVerdict(1, ChangeStatus.Duplicate, 1, Was: ChangeStatus.Applied)
        );
        Assert.Equal(0, await device.OutboxAsync());
    }

    [Fact]
    public async Task A_rejected_change_leaves_at_once_and_its_values_are_kept()
    {
        await using var device = await LocalDevice.CreateAsync();
        await device.EditAsync(Edit.Put("projects", Id(1), Name("lost")));
        await device.TakeAsync();

        await device.AnswerAsync(
            new WireVerdict(1, ChangeStatus.Rejected, Code: "parent_missing", Field: "name")
        );

        Assert.Null(await device.SeeAsync("projects", Id(1)));
        Assert.Equal(0, await device.OutboxAsync());
        var kept = (await device.ReadAsync(local => local.Conflicts.Newest(10))).Single();
        Assert.Equal(ConflictVerdict.Rejected, kept.Verdict);
        Assert.Equal(FieldValue.Text("lost"), kept.Fields["name"]);
    }

    [Fact]
    public async Task Of_a_merged_change_only_the_fields_that_lost_are_kept()
    {
        await using var device = await LocalDevice.CreateAsync();
        await device.ApplyAsync(Log(0, 1, Put(1, 1, Name("Ada"))));
        var fields = Name("mine");
        fields["stars"] = FieldValue.Integer(1);
        await device.EditAsync(Edit.Put("projects", Id(1), fields));
        await device.TakeAsync();

        await device.AnswerAsync(
            new WireVerdict(1, ChangeStatus.Merged, 3, Fields: Name("theirs"))
        );

        var kept = (await device.ReadAsync(local => local.Conflicts.Newest(10))).Single();
        Assert.Equal(FieldValue.Text("mine"), Assert.Single(kept.Fields).Value);
        Assert.Equal(FieldValue.Text("theirs"), kept.Winning!["name"]);
    }

    [Fact]
    public async Task A_reset_drops_the_servers_rows_and_keeps_every_own_change()
    {
        await using var device = await LocalDevice.CreateAsync();
        await device.ApplyAsync(Log(0, 5, Put(4, 1, Name("Ada")), Put(5, 2, Name("Bob"))));
        await device.EditAsync(Edit.Put("projects", Id(1), Name("answered")));
        await device.TakeAsync();
        await device.AnswerAsync(new WireVerdict(1, ChangeStatus.Applied, 9));
        await device.EditAsync(Edit.Put("projects", Id(2), Name("unsent")));

        await device.WriteAsync(local =>
            ResetApplier.Apply(
                local,
                new ResetMessage(Owner, Epoch + 1, Kept: 4, ResetReason.EpochChanged)
            )
        );

        var state = await device.StateAsync();
        Assert.Equal(Cursor.Start(Epoch + 1), state.Cursor);
        Assert.Equal((0UL, 0L), (state.Digest, state.Rows));
        // History above 4 is gone: the verdict with it, and what was based on version 5.
        var unsent = await device.TakeAsync(afterSeq: 1);
        Assert.Equal([4L, 0L], unsent.Select(change => change.Base));
        Assert.Equal(
            FieldValue.Text("unsent"),
            (await device.SeeAsync("projects", Id(2)))!["name"]
        );
    }

    [Fact]
    public async Task A_batch_ends_before_a_transaction_that_does_not_fit()
    {
        await using var device = await LocalDevice.CreateAsync();
        await device.EditAsync(Edit.Put("projects", Id(1), Name("alone")));
        await device.EditAsync(Edit.Put("projects", Id(2), Name("pair")), tx: 2);
        await device.EditAsync(Edit.Put("projects", Id(3), Name("pair")), tx: 2);

        var first = await device.TakeAsync(limit: 2);
        var second = await device.TakeAsync(limit: 1, afterSeq: first[^1].Seq!.Value);

        Assert.Equal([1L], first.Select(change => change.Seq!.Value));
        Assert.Equal([2L, 3L], second.Select(change => change.Seq!.Value));
    }

    [Fact]
    public async Task An_age_does_not_follow_the_machines_clock_within_a_run()
    {
        await using var device = await LocalDevice.CreateAsync();
        await device.EditAsync(Edit.Put("projects", Id(1), Name("old")));
        device.Time.Advance(TimeSpan.FromSeconds(5));

        var change = (await device.TakeAsync()).Single();

        Assert.Equal(5_000, change.ToWire(device.Clock).AgeMs);
        var nextRun = new EditClock(device.Time, Guid.NewGuid());
        Assert.Equal(5_000, change.ToWire(nextRun).AgeMs);
        var future = change with { Made = change.Made with { WallMs = long.MaxValue / 2 } };
        Assert.Equal(0, future.ToWire(nextRun).AgeMs);
    }

    [Fact]
    public async Task What_the_server_would_refuse_is_refused_at_once()
    {
        await using var device = await LocalDevice.CreateAsync();
        var wrong = new Dictionary<string, FieldValue> { ["nmae"] = FieldValue.Text("x") };

        var error = await Assert.ThrowsAsync<SyncException>(() =>
            device.EditAsync(Edit.Put("projects", Id(1), wrong))
        );

        Assert.Equal(ErrorCode.UnknownField, error.Code);
        Assert.Contains("nmae", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, await device.OutboxAsync());
    }

    private static WireEntry Echo(
        OutboxChange change,
        long version,
        Orchestra.Client.Local.LocalState state,
        Dictionary<string, FieldValue> fields
    ) =>
        new(
            version,
            change.Entity,
            Guid.Parse(change.RowId),
            WireOp.Put,
            state.Device,
            DateTimeOffset.UnixEpoch,
            fields,
            change.Seq,
            change.Id
        );
}
