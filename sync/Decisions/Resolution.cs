using Orchestra.Sync.Store;

namespace Orchestra.Sync.Decisions;

/// <summary>How a change fared against what was written before it.</summary>
/// <param name="Stamp">Its stamp, raised above everything it knew of.</param>
/// <param name="IsPresent">Whether the row is there afterwards.</param>
/// <param name="WonPresence">Whether the change decides that.</param>
/// <param name="Won">The fields it wins, with their values: the change's own if it loses none.</param>
/// <param name="Lost">The fields it loses.</param>
/// <param name="Displaced">Concurrent writes that it beats, with the fields they lose.</param>
public readonly record struct Resolution(
    Stamp Stamp,
    bool IsPresent,
    bool WonPresence,
    Dictionary<string, FieldValue> Won,
    IReadOnlyList<string> Lost,
    IReadOnlyList<Displaced> Displaced
)
{
    /// <summary>
    /// Which write wins, per field, by the rules of docs/protocol.md. The outcome for a row depends
    /// on the set of changes and on who knew what, not on the order in which they arrive.
    /// </summary>
    public static Resolution Of(RowPast past, CheckedChange change, Stamp sent, Knowledge knowledge)
    {
        var known = past.KnownTo(change, knowledge);
        var stamp =
            !change.IsOffer && known.NewestTime is { } newest ? sent.RaisedAbove(newest) : sent;
        var row = past.Row;
        var wonPresence = row is null || stamp > row.Stamp;
        var isPresent = wonPresence ? !change.IsDelete : row!.IsLive;

        var lost = known.IsContested ? FindLost(known, change, stamp) : None<string>();
        var won = change.Fields;
        if (lost.Count > 0)
        {
            won = new(won);
            foreach (var field in lost)
                won.Remove(field);
        }
        return new(
            stamp,
            isPresent,
            wonPresence,
            won,
            lost,
            row is not null && known.HasUnknown
                ? FindDisplaced(known, row, change, won, wonPresence)
                : None<Displaced>()
        );
    }

    private static List<string> FindLost(in KnownPast known, CheckedChange change, Stamp stamp)
    {
        var lost = new List<string>();
        foreach (var field in change.Fields.Keys)
            if (known.StampToBeat(field) > stamp)
                lost.Add(field);
        return lost;
    }

    private static List<Displaced> FindDisplaced(
        KnownPast known,
        Row row,
        CheckedChange change,
        Dictionary<string, FieldValue> won,
        bool wonPresence
    )
    {
        var displaced = new List<Displaced>();
        if (change.IsDelete != row.IsLive)
        {
            // Presence stays as it was: only values are at stake.
            foreach (
                var group in won.Where(pair => row[pair.Key] != pair.Value)
                    .Select(pair => (Field: pair.Key, Write: known.UnknownWinner(pair.Key)))
                    .Where(pair => pair.Write is not null)
                    .GroupBy(pair => pair.Write!, pair => pair.Field)
            )
                displaced.Add(Lose(row, group.Key, group));
        }
        else if (wonPresence && row.IsLive)
        {
            foreach (var (write, fields) in known.UnknownWinners())
                displaced.Add(Lose(row, write, fields));
        }
        else if (
            wonPresence
            && known.Past.Writes.FirstOrDefault(write => write.Stamp == row.Stamp) is { } delete
            && known.IsUnknown(delete)
        )
        {
            displaced.Add(Lose(row, delete, []));
        }
        return displaced;
    }

    /// <summary>Without an object of its own, as most changes lose and displace nothing.</summary>
    private static IReadOnlyList<T> None<T>() => [];

    private static Displaced Lose(Row row, PastWrite write, IEnumerable<string> fields) =>
        new(write, fields.ToDictionary(field => field, field => row[field]));
}

/// <param name="Write">What had won until now.</param>
/// <param name="Values">The values it loses; none where a deletion is undone.</param>
public sealed record Displaced(PastWrite Write, IReadOnlyDictionary<string, FieldValue> Values);

/// <summary>What a device knows besides what its base says.</summary>
/// <param name="Own">Earlier writes by these devices, up to these seqs, are its own.</param>
/// <param name="IsServer">The server knows everything it has.</param>
public sealed record Knowledge(IReadOnlyList<DeviceSeq> Own, bool IsServer)
{
    /// <summary>Of a device that knows only what its base says.</summary>
    public static readonly Knowledge OfNothing = new([], IsServer: false);

    public bool Includes(Stamp write)
    {
        foreach (var own in Own)
            if (own.Device == write.Device && write.Seq <= own.Seq)
                return true;
        return false;
    }
}
