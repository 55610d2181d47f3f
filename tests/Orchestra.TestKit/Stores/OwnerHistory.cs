using Orchestra.Sync;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Store;

namespace Orchestra.TestKit.Stores;

/// <summary>
/// Makes an owner's commits by hand: whatever is asked for is written, in order, by one device that
/// knows everything. What the owner should have afterwards can be looked up here.
/// </summary>
public sealed class OwnerHistory
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<RowKey, Row> rows = [];
    private readonly List<LogEntry> log = [];
    private readonly List<Conflict> conflicts = [];
    private readonly Dictionary<RowKey, (bool IsNew, HashSet<string> Changed)> touched = [];
    private readonly DateTimeOffset start;
    private DeviceCursor cursor;
    private TimeSpan passed;
    private int ids;

    /// <param name="owner">Whose.</param>
    /// <param name="start">When it begins; null = <see cref="Start"/>.</param>
    public OwnerHistory(Guid owner, DateTimeOffset? start = null)
    {
        this.start = start ?? Start;
        Owner = new OwnerId(owner);
        Head = OwnerHead.New(this.start);
        cursor = DeviceCursor.New(new DeviceId(NaturalKey.Derive(owner, "device")));
    }

    public OwnerId Owner { get; }

    /// <summary>After everything asked for so far, committed or not.</summary>
    public OwnerHead Head { get; private set; }

    public DeviceCursor Cursor => cursor;

    public IReadOnlyDictionary<RowKey, Row> Rows => rows;

    private DateTimeOffset Now => start.Add(passed).AddSeconds(Head.CommitNo + 1);

    public RowKey Create(string entity, params (string Name, FieldValue Value)[] fields) =>
        Create(new RowKey(entity, NaturalKey.Derive(Owner.Value, $"row {++ids}")), fields);

    public RowKey Create(RowKey key, params (string Name, FieldValue Value)[] fields)
    {
        var row = new Row(key, 0, 0, Now, Now, null, default, null, Change.NoFields);
        Write(row, LogOp.Put, fields, root: null);
        return key;
    }

    public void Update(RowKey key, params (string Name, FieldValue Value)[] fields) =>
        Write(rows[key], LogOp.Put, fields, root: null);

    /// <summary>Deletes a row and, as its cascade, others.</summary>
    public void Delete(RowKey key, params RowKey[] along)
    {
        Write(rows[key], LogOp.Delete, [], root: null);
        var root = Head.Version;
        foreach (var child in along)
            Write(rows[child], LogOp.Delete, [], root);
    }

    public void Revive(RowKey key) => Write(rows[key], LogOp.Revive, [], root: null);

    /// <summary>Marks what <paramref name="writes"/> does as one transaction.</summary>
    public void Together(Action writes)
    {
        var first = log.Count;
        writes();
        for (var i = first; i < log.Count; i++)
            log[i] = log[i] with { TxEnd = Head.Version };
    }

    public void Lose(string entity, string id, ConflictVerdict verdict, string note) =>
        conflicts.Add(
            new(
                verdict,
                entity,
                id,
                cursor.Device,
                cursor.LastSeq,
                new ChangeId(NaturalKey.Derive(Owner.Value, $"lost {note}")),
                Head.Version,
                null,
                verdict == ConflictVerdict.Rejected ? ErrorCode.RowGone : null,
                verdict == ConflictVerdict.Rejected ? "id" : null,
                ChangeOp.Update,
                new Dictionary<string, FieldValue> { ["note"] = FieldValue.Text(note) },
                Now
            )
        );

    /// <summary>From now on everything happens later.</summary>
    public void Pass(TimeSpan time) => passed += time;

    /// <summary>Others have written the head: what comes next is decided on it.</summary>
    public void Reload(OwnerHead head) => Head = head;

    /// <summary>Raises what the head says of collected log and tombstones.</summary>
    public void Collect(long logHorizon, long tombstoneHorizon) =>
        Head = Head with { LogHorizon = logHorizon, TombstoneHorizon = tombstoneHorizon };

    /// <summary>Everything since the last time, as one commit.</summary>
    public OwnerCommit Commit()
    {
        var expected = Head.CommitNo;
        Head = Head with { LastCommitAt = Now, CommitNo = expected + 1 };
        var commit = new OwnerCommit(
            Owner,
            expected,
            Head,
            [
                .. touched.Select(pair => new RowWrite(
                    rows[pair.Key],
                    pair.Value.IsNew,
                    pair.Value.Changed
                )),
            ],
            [.. log],
            log.Count == 0 ? [] : [cursor],
            [.. conflicts]
        );
        log.Clear();
        conflicts.Clear();
        touched.Clear();
        return commit;
    }

    private void Write(Row before, LogOp op, (string Name, FieldValue Value)[] fields, long? root)
    {
        var isNew = !rows.ContainsKey(before.Key);
        var version = Head.Version + 1;
        cursor = Advance(version);
        var stamp = new Stamp(Now.AddMicroseconds(version), 50, cursor.Device, cursor.LastSeq);
        var after = before with
        {
            Version = version,
            CreatedVersion = isNew ? version : before.CreatedVersion,
            UpdatedAt = Now,
            DeletedAt = op == LogOp.Delete ? Now : null,
            RootVersion = op == LogOp.Delete ? root ?? version : null,
            Stamp = stamp,
            Fields = Merge(before.Fields, fields),
        };
        rows[before.Key] = after;
        Touch(before.Key, isNew, fields);
        log.Add(
            new(
                version,
                after.Key,
                op,
                stamp,
                stamp.EditedAt,
                cursor.LastChange!.Value,
                root,
                null,
                op == LogOp.Revive ? after.Fields : fields.ToDictionary(f => f.Name, f => f.Value),
                op == LogOp.Revive ? [.. fields.Select(f => f.Name)] : null,
                Now
            )
        );
        Head = Head with
        {
            Version = version,
            Digest = Head.Digest ^ (isNew ? 0 : Digest.Of(before)) ^ Digest.Of(after),
            Rows = Head.Rows + (after.IsLive ? 1 : 0) - (!isNew && before.IsLive ? 1 : 0),
        };
    }

    private DeviceCursor Advance(long version)
    {
        var seq = cursor.LastSeq + 1;
        var change = new ChangeId(NaturalKey.Derive(Owner.Value, $"change {seq}"));
        return cursor with
        {
            LastSeq = seq,
            LastChange = change,
            Recent = [new(seq, change, ChangeStatus.Applied, version, null)],
        };
    }

    private void Touch(RowKey key, bool isNew, (string Name, FieldValue Value)[] fields)
    {
        if (!touched.TryGetValue(key, out var entry))
            touched[key] = entry = (isNew, []);
        entry.Changed.UnionWith(fields.Select(field => field.Name));
    }

    private static Dictionary<string, FieldValue> Merge(
        IReadOnlyDictionary<string, FieldValue> before,
        (string Name, FieldValue Value)[] changed
    )
    {
        var merged = new Dictionary<string, FieldValue>(before);
        foreach (var (name, value) in changed)
            if (value.IsNull)
                merged.Remove(name);
            else
                merged[name] = value;
        return merged;
    }
}
