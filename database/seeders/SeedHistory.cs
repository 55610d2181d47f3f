using Orchestra.Database.Postgres;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Store;

namespace Orchestra.Database.Seeders;

/// <summary>
/// What one owner's pushes have come to. Each is decided by the code that decides those of real
/// devices, so counters, digest, cascades and conflicts are what they would be.
/// </summary>
internal sealed class SeedHistory(EntityCatalog catalog, OwnerId owner, DateTimeOffset begin)
{
    private readonly Dictionary<RowKey, Row> rows = [];
    private readonly List<RowKey> keys = [];
    private readonly Dictionary<RowKey, List<RowKey>> children = [];
    private readonly List<LogEntry> log = [];
    private readonly List<(ConflictPosition At, Conflict Conflict)> conflicts = [];
    private readonly List<EpochStart> epochs = [];
    private readonly Dictionary<DeviceId, DateTimeOffset> seen = [];
    private readonly List<long> monthStarts = [];

    public OwnerId Owner => owner;

    public OwnerState State { get; private set; } = OwnerState.From(owner, null, begin);

    public IReadOnlyDictionary<RowKey, Row> Rows => rows;

    /// <summary>The rows in the order in which they were made.</summary>
    public IReadOnlyList<RowKey> Keys => keys;

    public IReadOnlyList<LogEntry> Log => log;

    public IReadOnlyList<(ConflictPosition At, Conflict Conflict)> Conflicts => conflicts;

    public IReadOnlyList<EpochStart> Epochs => epochs;

    /// <summary>When each device last pushed.</summary>
    public IReadOnlyDictionary<DeviceId, DateTimeOffset> Seen => seen;

    public LogMonths Months => new(LogMonths.NumberOf(begin), [.. monthStarts]);

    /// <summary>A push, decided and committed at a moment.</summary>
    public void Take(DeviceId device, IReadOnlyList<Change> changes, DateTimeOffset at)
    {
        var push = new ReceivedPush(
            device,
            State.Head.Epoch,
            Settled: State.CursorOf(device).LastSeq,
            [
                .. changes.Select(change =>
                    ChangeCheck.Check(catalog, change, byServer: device == DeviceId.Server)
                ),
            ],
            Replaces: null,
            at
        );
        var decision = Decider.Decide(catalog, State, Load(push), [push], at);
        Invariant.Require(decision.Answers[0].Error is null && decision.Commit is not null);
        Keep(decision.Commit);
        State = decision.After;
        seen[device] = State.Head.LastCommitAt;
    }

    /// <summary>A restore that found everything: all stands, under a new epoch.</summary>
    public void Restore(DateTimeOffset at)
    {
        var head = State.Head;
        epochs.Add(new(at.ToUnixTimeMilliseconds(), head.Version));
        State = State with
        {
            Head = head with { CommitNo = head.CommitNo + 1, Epoch = epochs[^1].Epoch },
        };
    }

    private void Keep(OwnerCommit commit)
    {
        var months = LogMonths.NumberOf(commit.Head.LastCommitAt) - LogMonths.NumberOf(begin) + 1;
        while (monthStarts.Count < months)
            monthStarts.Add(State.Head.Version + 1);
        foreach (var write in commit.Rows)
        {
            if (write.IsNew)
                Link(write.After);
            rows[write.After.Key] = write.After;
        }
        log.AddRange(commit.Log);
        foreach (var conflict in commit.Conflicts)
        {
            var ordinal =
                conflicts.Count > 0 && conflicts[^1].At.CommitNo == commit.Head.CommitNo
                    ? conflicts[^1].At.Ordinal + 1
                    : 0;
            conflicts.Add((new(commit.Head.CommitNo, ordinal), conflict));
        }
    }

    private void Link(Row row)
    {
        keys.Add(row.Key);
        foreach (var parent in ParentsOf(row))
        {
            if (!children.TryGetValue(parent, out var list))
                children[parent] = list = [];
            list.Add(row.Key);
        }
    }

    private IEnumerable<RowKey> ParentsOf(Row row) =>
        from field in catalog[row.Key.Entity].Fields
        where field.References is not null && !row[field.Name].IsNull
        select new RowKey(field.References!, Guid.ParseExact(row[field.Name].AsText(), "D"));

    /// <summary>More than a store would load, where a row may be deleted or come back.</summary>
    private RowSet Load(ReceivedPush push)
    {
        var needs = RowNeeds.Of([push]);
        var found = new Dictionary<RowKey, Row>();
        foreach (var need in needs)
            if (rows.TryGetValue(need.Key, out var row))
                Load(row, need.WithDescendants || !row.IsLive, found);
        var stale = needs
            .Where(need => need.Base < rows.GetValueOrDefault(need.Key)?.Version)
            .Select(need => need.Key)
            .ToHashSet();
        var writes =
            stale.Count == 0
                ? []
                : log.Where(entry => stale.Contains(entry.Row)).Select(PastWrite.Of).ToList();
        return new RowSet([.. found.Values], writes);
    }

    private void Load(Row row, bool withRelatives, Dictionary<RowKey, Row> found)
    {
        found[row.Key] = row;
        if (!withRelatives)
            return;
        foreach (var parent in ParentsOf(row))
            found[parent] = rows[parent];
        if (children.TryGetValue(row.Key, out var list))
            foreach (var child in list)
                Load(rows[child], withRelatives, found);
    }
}
