using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Store;

namespace Orchestra.Tests.Decisions;

/// <summary>One owner in memory: what a store would hold, loaded and committed by the book.</summary>
internal sealed class OwnerModel
{
    public static readonly EntityCatalog Catalog = new([
        new(
            EngineEntities.Devices,
            [
                Field("kind", FieldType.Text, required: true),
                Field("priority", FieldType.Integer, required: true),
                Field("revoked_at", FieldType.Timestamp),
            ],
            serverOwned: true
        ),
        new(
            "folders",
            [Field("name", FieldType.Text), Field("parent", FieldType.Uuid, references: "folders")],
            false
        ),
        new(
            "files",
            [
                Field("a", FieldType.Integer),
                Field("b", FieldType.Integer),
                Field("c", FieldType.Integer),
                Field("folder", FieldType.Uuid, references: "folders"),
                Field("second_folder", FieldType.Uuid, references: "folders"),
            ],
            false
        ),
    ]);

    public static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<RowKey, Row> rows = [];
    private readonly List<LogEntry> log = [];

    public OwnerModel(params IEnumerable<(DeviceId Device, int Priority)> devices)
    {
        State = OwnerState.From(new OwnerId(Guid.AllBitsSet), null, Noon);
        var writes = devices.Select(device => new Change(
            0,
            new ChangeId(device.Device.Value),
            EngineEntities.Devices,
            device.Device.ToString(),
            ChangeOp.Create,
            0,
            0,
            new Dictionary<string, FieldValue>
            {
                ["kind"] = FieldValue.Text("cli"),
                ["priority"] = FieldValue.Integer(device.Priority),
            }
        ));
        var checkedWrites = writes.Select(write =>
            ChangeCheck.Check(Catalog, write, byServer: true)
        );
        Take(new ReceivedPush(DeviceId.Server, 0, 0, [.. checkedWrites], null, Noon));
    }

    public OwnerState State { get; private set; }

    public IReadOnlyDictionary<RowKey, Row> Rows => rows;

    public IReadOnlyList<LogEntry> Log => log;

    public List<Conflict> Conflicts { get; } = [];

    public long Version => State.Head.Version;

    public IReadOnlyList<Verdict> Push(
        DeviceId device,
        DateTimeOffset receipt,
        params IReadOnlyList<Change> changes
    )
    {
        var answer = Take(Receive(device, receipt, changes));
        return answer.Verdicts ?? throw answer.Error!;
    }

    public ReceivedPush Receive(
        DeviceId device,
        DateTimeOffset receipt,
        IReadOnlyList<Change> changes
    ) =>
        new(
            device,
            State.Head.Epoch,
            0,
            [.. changes.Select(change => ChangeCheck.Check(Catalog, change))],
            null,
            receipt
        );

    /// <summary>Forgets the log up to a version, as maintenance does.</summary>
    public void CollectLog(long upTo) =>
        State = State with { Head = State.Head with { LogHorizon = upTo } };

    /// <summary>Forgets a deleted row, and not its log, as maintenance does.</summary>
    public void CollectTombstone(RowKey key)
    {
        Assert.False(rows[key].IsLive);
        Assert.True(rows.Remove(key));
        State = State with { Head = State.Head with { TombstoneHorizon = Version } };
    }

    public PushAnswer Take(ReceivedPush push) => Take([push])[0];

    public IReadOnlyList<PushAnswer> Take(IReadOnlyList<ReceivedPush> pushes)
    {
        var decision = Decide(pushes);
        Assert.Empty(decision.Rest);
        if (decision.Commit is { } commit)
            Apply(commit);
        State = decision.After;
        return decision.Answers;
    }

    public Decision Decide(params IReadOnlyList<ReceivedPush> pushes) =>
        Decider.Decide(Catalog, State, Load(RowNeeds.Of(pushes)), pushes, Noon);

    private void Apply(OwnerCommit commit)
    {
        Assert.Equal(State.Head.CommitNo, commit.ExpectedCommitNo);
        foreach (var write in commit.Rows)
        {
            Assert.Equal(write.IsNew, !rows.ContainsKey(write.After.Key));
            rows[write.After.Key] = write.After;
        }
        foreach (var entry in commit.Log)
        {
            log.Add(entry);
            Assert.Equal(log.Count, entry.Version);
        }
        Assert.Equal(log.Count, commit.Head.Version);
        Conflicts.AddRange(commit.Conflicts);
        var live = rows.Values.Where(row => row.IsLive).ToList();
        Assert.Equal(live.Count, commit.Head.Rows);
        Assert.Equal(
            live.Aggregate(0UL, (digest, row) => digest ^ Digest.Of(row)),
            commit.Head.Digest
        );
    }

    /// <summary>Everything, which is more than asked for and never less.</summary>
    private RowSet Load(IReadOnlyCollection<RowNeed> needs)
    {
        var writes = new List<PastWrite>();
        foreach (var need in needs)
        {
            if (
                need.Base is not { } from
                || !rows.TryGetValue(need.Key, out var row)
                || row.Version <= from
            )
                continue;
            var all = log.Where(entry =>
                    entry.Row == need.Key && entry.Version > State.Head.LogHorizon
                )
                .ToList();
            if (all.Exists(entry => entry.Version == from))
                all.RemoveAll(entry => entry.Version < from);
            writes.AddRange(
                all.Select(entry => new PastWrite(
                    entry.Row,
                    entry.Version,
                    entry.Stamp,
                    entry.RowEditedAt,
                    entry.Change,
                    entry.Op,
                    entry.Won ?? [.. entry.Fields.Keys]
                ))
            );
        }
        return new RowSet([.. rows.Values], [.. writes.OrderBy(write => write.Version)]);
    }

    private static Field Field(
        string name,
        FieldType type,
        bool required = false,
        string? references = null
    ) => new(name, type, type == FieldType.Text ? 200 : null, required, false, false, references);
}
