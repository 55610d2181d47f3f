using Orchestra.Sync;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Store;

namespace Orchestra.Database.Postgres.Verification;

/// <summary>
/// One owner under verification. Takes his head, devices, log and rows in this order, then says what
/// does not fit.
/// </summary>
internal sealed class OwnerCheck(OwnerId owner, StoredHead stored, PostgresTables tables)
{
    private readonly OwnerFold fold = new(tables.Catalog, stored.Head);
    private readonly Dictionary<DeviceId, long> lastSeqs = [];
    private readonly Dictionary<DeviceId, long> seqsInLog = [];
    private readonly List<string> findings = [];
    private long nextVersion = stored.Head.LogHorizon + 1;
    private ulong digest;
    private long liveRows;

    public long Rows { get; private set; }

    public long LogEntries { get; private set; }

    public IEnumerable<Finding> Findings => findings.Select(what => new Finding(owner, what));

    private OwnerHead Head => stored.Head;

    public void TakeEpochs(IReadOnlyCollection<EpochStart> epochs)
    {
        if (Head.LogHorizon < 0 || Head.LogHorizon > Head.Version)
            Find($"log_horizon {Head.LogHorizon} is not within 0 and version {Head.Version}");
        if (Head.TombstoneHorizon < 0 || Head.TombstoneHorizon > Head.Version)
            Find(
                $"tombstone_horizon {Head.TombstoneHorizon} is not within 0 and version {Head.Version}"
            );
        if (epochs.Count > 0 && epochs.Max(start => start.Epoch) != Head.Epoch)
            Find(
                $"epoch {Head.Epoch} is not the last of sync_epoch, {epochs.Max(start => start.Epoch)}"
            );
        foreach (var start in epochs.Where(start => start.Kept < 0 || start.Kept > Head.Version))
            Find($"epoch {start.Epoch} kept {start.Kept}, but the version is {Head.Version}");
    }

    public void TakeDevice(DeviceCursor cursor) => lastSeqs[cursor.Device] = cursor.LastSeq;

    /// <param name="entry">In version order.</param>
    public void TakeEntry(LogEntry entry)
    {
        LogEntries++;
        if (entry.Version <= Head.LogHorizon)
            return;
        if (entry.Version < nextVersion)
            Find($"the log has version {entry.Version} twice");
        else if (entry.Version > nextVersion)
            FindGap(entry.Version - 1);
        nextVersion = Math.Max(nextVersion, entry.Version + 1);
        var month = LogMonths.NumberOf(entry.CreatedAt);
        if (stored.Months.Of(entry.Version) != month)
            Find(
                $"month_starts has version {entry.Version} in "
                    + $"{LogMonths.StartOf(stored.Months.Of(entry.Version)):yyyy-MM}, "
                    + $"the log in {entry.CreatedAt:yyyy-MM}"
            );
        var device = entry.Stamp.Device;
        if (device != DeviceId.Server)
            seqsInLog[device] = Math.Max(entry.Stamp.Seq, seqsInLog.GetValueOrDefault(device));
        fold.Take(entry);
    }

    public void TakeRow(Row row)
    {
        Rows++;
        liveRows += row.IsLive ? 1 : 0;
        digest ^= Digest.Of(row);
        if (
            row.Version > Head.Version
            || row.CreatedVersion > row.Version
            || row.CreatedVersion < 1
        )
            Find(
                $"{row.Key} was created at {row.CreatedVersion} and has version {row.Version}; the "
                    + $"owner's is {Head.Version}"
            );
        if (fold.Compare(row) is { } difference)
            Find(difference);
    }

    public void TakeOrphan(RowKey row, string field) =>
        Find($"{row} is live, and its {field} names no live row");

    /// <summary>Everything was taken.</summary>
    public void End()
    {
        if (nextVersion <= Head.Version)
            FindGap(Head.Version);
        else if (nextVersion > Head.Version + 1)
            Find($"the log ends at {nextVersion - 1}, the head at {Head.Version}");
        if (digest != Head.Digest)
            Find(
                $"the digest is {Digest.Write(Head.Digest)}, that of the rows {Digest.Write(digest)}"
            );
        if (liveRows != Head.Rows)
            Find($"live_rows is {Head.Rows}, but {liveRows} rows are live");
        foreach (var (device, seq) in seqsInLog)
            if (!lastSeqs.TryGetValue(device, out var last))
                Find($"the log has device {device}, device_cursor has not");
            else if (last < seq)
                Find($"device {device} is at seq {last}, but the log has its {seq}");
        findings.AddRange(fold.End());
    }

    private void FindGap(long last) =>
        Find(
            nextVersion == last
                ? $"the log lacks version {last}"
                : $"the log lacks versions {nextVersion} to {last}"
        );

    private void Find(string what) => findings.Add(what);
}
