using Orchestra.Sync;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Store;

namespace Orchestra.Database.Seeders;

/// <summary>Turns a user's rows into commits as if their laptop had pushed them one by one.</summary>
internal sealed class SeedCommits
{
    public const int DevicePriority = 50;

    /// <summary>How long before now the first edit was made.</summary>
    private static readonly TimeSpan Past = TimeSpan.FromDays(120);

    private readonly SeedUser user;
    private readonly DateTimeOffset now;
    private readonly TimeSpan step;
    private OwnerHead head;
    private DeviceCursor cursor;

    /// <param name="user">Whose.</param>
    /// <param name="now">Dates the commits.</param>
    /// <param name="rows">How many rows there will be.</param>
    public SeedCommits(SeedUser user, DateTimeOffset now, int rows)
    {
        this.user = user;
        this.now = now.ToMilliseconds();
        step = Past / (rows + 1);
        head = OwnerHead.New(this.now);
        cursor = DeviceCursor.New(user.Device);
    }

    /// <param name="rows">The next rows, parents before children.</param>
    public OwnerCommit Next(IReadOnlyList<SeedRow> rows)
    {
        var expected = head.CommitNo;
        var writes = new List<RowWrite>(rows.Count);
        var log = new List<LogEntry>(rows.Count);
        foreach (var row in rows)
        {
            var entry = Write(row);
            log.Add(entry);
            writes.Add(new(RowOf(entry), IsNew: true, [.. row.Fields.Keys]));
        }
        foreach (var write in writes)
            head = head with { Digest = head.Digest ^ Digest.Of(write.After) };
        head = head with { CommitNo = expected + 1, Rows = head.Rows + rows.Count };
        return new(user.Owner, expected, head, writes, log, [cursor], []);
    }

    private LogEntry Write(SeedRow row)
    {
        head = head with { Version = head.Version + 1 };
        var change = user.NextChange();
        var editedAt = (now - Past + (step * head.Version)).ToMilliseconds();
        var stamp = row.ByServer
            ? new Stamp(editedAt, 0, DeviceId.Server, 0)
            : new Stamp(editedAt, DevicePriority, user.Device, cursor.LastSeq + 1);
        if (!row.ByServer)
            cursor = cursor with { LastSeq = stamp.Seq, LastChange = change };
        return new(
            head.Version,
            row.Key,
            LogOp.Put,
            stamp,
            editedAt,
            change,
            RootVersion: null,
            TxEnd: null,
            row.Fields,
            Won: null,
            now
        );
    }

    private Row RowOf(LogEntry entry) =>
        new(
            entry.Row,
            entry.Version,
            entry.Version,
            now,
            now,
            null,
            entry.Stamp,
            null,
            entry.Fields
        );
}
