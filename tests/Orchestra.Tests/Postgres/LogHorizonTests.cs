using Orchestra.Sync;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Stores;

namespace Orchestra.Tests.Postgres;

/// <summary>
/// An edit whose base the log no longer has is compared with the row's last stamp: the fields count
/// as written then.
/// </summary>
public sealed class LogHorizonTests : IAsyncLifetime
{
    private static readonly DeviceId Phone = new(new Guid("00000000-0000-7000-8000-00000000000f"));

    private readonly OwnerHistory owner = OldHistories.NewOwner();
    private OldHistories old = null!;
    private RowKey row;

    public async Task InitializeAsync()
    {
        old = await OldHistories.CreateAsync();
        row = owner.Create("projects", ("name", FieldValue.Text("January")));
        await old.CommitAsync(owner);
        owner.Pass(TimeSpan.FromDays(60));
        owner.Update(row, ("name", FieldValue.Text("March")));
        await old.CommitAsync(owner);
        owner.Pass(TimeSpan.FromDays(60));
        owner.Create(
            new RowKey("devices", Phone.Value),
            ("kind", FieldValue.Text("mobile_ios")),
            ("name", FieldValue.Text("phone")),
            ("app", FieldValue.Text("tests/1")),
            ("priority", FieldValue.Integer(50))
        );
        await old.CommitAsync(owner);
    }

    public Task DisposeAsync() => old.DisposeAsync().AsTask();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_edit_made_before_the_last_write_loses_with_and_without_the_log(
        bool isCollected
    )
    {
        if (isCollected)
            Assert.Equal(2, (await old.MaintainAsync())!.MonthsDropped);
        var verdict = await PushAsync(OldHistories.January.AddDays(30));
        Assert.Equal(ChangeStatus.Superseded, verdict.Status);
        Assert.Equal("March", verdict.Fields!["name"].AsText());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_edit_made_after_the_last_write_wins_with_and_without_the_log(
        bool isCollected
    )
    {
        if (isCollected)
            Assert.Equal(2, (await old.MaintainAsync())!.MonthsDropped);
        var verdict = await PushAsync(OldHistories.January.AddDays(90));
        Assert.Equal(ChangeStatus.Applied, verdict.Status);
        Assert.Empty((await old.VerifyAsync()).Findings);
    }

    /// <summary>The phone knew the row as it was made, and edited it at some moment.</summary>
    private async Task<Verdict> PushAsync(DateTimeOffset editedAt)
    {
        var catalog = await old.Store.LoadCatalogAsync(CancellationToken.None);
        var record = await old.Store.LoadOwnerAsync(owner.Owner, CancellationToken.None);
        var change = new Change(
            1,
            new ChangeId(Guid.NewGuid()),
            row.Entity,
            row.Id.ToString("D"),
            ChangeOp.Update,
            1,
            (long)(OldHistories.July - editedAt).TotalMilliseconds,
            new Dictionary<string, FieldValue> { ["name"] = FieldValue.Text("phone") }
        );
        var push = new ReceivedPush(
            Phone,
            record!.Head.Epoch,
            0,
            [ChangeCheck.Check(catalog, change, byServer: false)],
            null,
            OldHistories.July
        );
        var sets = await old.Store.LoadRowsAsync(
            [new RowQuery(owner.Owner, RowNeeds.Of([push]))],
            CancellationToken.None
        );
        Assert.Equal(record.Head.LogHorizon > 0, sets[0].Writes.Count == 0);
        var state = OwnerState.From(owner.Owner, record, OldHistories.July);
        var decision = Decider.Decide(catalog, state, sets[0], [push], OldHistories.July);
        Assert.Equal(
            [CommitOutcome.Committed],
            await old.Store.CommitAsync([decision.Commit!], CancellationToken.None)
        );
        return Assert.Single(decision.Answers.Single().Verdicts!);
    }
}
