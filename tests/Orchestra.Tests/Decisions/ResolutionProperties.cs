using CsCheck;
using Orchestra.Sync;

namespace Orchestra.Tests.Decisions;

/// <summary>P9 and P10: which write wins, against a model that keeps every write for ever.</summary>
public class ResolutionProperties
{
    private static readonly DeviceId[] Devices =
    [
        .. Enumerable.Range(1, 4).Select(i => new DeviceId(new Guid(i, 0, 0, new byte[8]))),
    ];

    private static readonly int[] Priorities = [50, 50, 10, 90];

    private static readonly RowKey Row = new(
        "files",
        new Guid("00000000-0000-4000-8000-000000000001")
    );

    /// <summary>An edit; it knows all edits of the generations before <c>Seen</c>, and its own.</summary>
    private sealed record Edit(
        int Device,
        int Generation,
        int Seen,
        int AgeMs,
        ChangeOp Op,
        int Fields,
        int Order
    );

    /// <summary>
    /// Generations of edits: all of one arrive before any of the next, in any order among
    /// themselves. An edit of a generation has seen the state after some earlier one.
    /// </summary>
    private static readonly Gen<Edit[]> Histories = Gen.Select(
            Gen.Int[0, 3],
            Gen.Int[0, 3],
            Gen.Int[0, 3],
            Gen.Frequency((3, Gen.Int[0, 3]), (1, Gen.Int[0, 100_000]), (1, Gen.Const(0))),
            Gen.Frequency(
                (4, Gen.Const(ChangeOp.Update)),
                (2, Gen.Const(ChangeOp.Create)),
                (2, Gen.Const(ChangeOp.Delete))
            ),
            Gen.Int[1, 7],
            (device, generation, seen, age, op, fields) =>
                new Edit(device, generation, Math.Min(seen, generation), age, op, fields, 0)
        )
        .Array[1, 12]
        .Select(edits => edits.OrderBy(edit => edit.Generation).ToArray())
        .Select(edits => edits.Select((edit, i) => Number(edit, i, edits[0])).ToArray());

    [Fact]
    public void P9_the_winner_depends_on_the_set_of_changes_and_not_on_their_order_or_batching() =>
        Gen.Select(Histories, Gen.Int.Array[8])
            .Sample(
                (history, seeds) =>
                {
                    var expected = Describe(Play(history, history, perPush: 1));
                    foreach (var seed in seeds)
                    {
                        var random = new Random(seed);
                        var arrival = Shuffle(history, random);
                        Assert.Equal(expected, Describe(Play(history, arrival, random.Next(1, 6))));
                    }
                },
                iter: 4_000
            );

    [Fact]
    public void P9_the_outcome_is_that_of_a_model_that_keeps_every_write() =>
        Histories.Sample(
            history =>
                Assert.Equal(Reference(history), Describe(Play(history, history, perPush: 3))),
            iter: 10_000
        );

    [Fact]
    public void P10_an_edit_that_knew_another_beats_it_whatever_the_clocks_say() =>
        Gen.Select(Gen.Long[0, Limits.MaxAgeMs], Gen.Long[0, Limits.MaxAgeMs])
            .Sample(
                (firstAge, secondAge) =>
                {
                    var owner = NewOwner();
                    var first = Change(1, ChangeOp.Create, 0, firstAge, ("a", 1));
                    owner.Push(Devices[3], OwnerModel.Noon, first);
                    var second = Change(1, ChangeOp.Update, owner.Version, secondAge, ("a", 2));
                    // The silo's clock has been put back a day meanwhile.
                    owner.Push(Devices[2], OwnerModel.Noon.AddDays(-1), second);
                    Assert.Equal(FieldValue.Integer(2), owner.Rows[Row]["a"]);
                }
            );

    [Fact]
    public void P11_a_deleted_row_comes_back_only_through_a_write_later_than_every_deletion()
    {
        var revivals = 0;
        Histories.Sample(
            history =>
            {
                var owner = Play(history, history, perPush: 2);
                var log = owner.Log.Where(entry => entry.Row == Row).ToList();
                for (var i = 1; i < log.Count; i++)
                {
                    if (log[i].Op != LogOp.Revive)
                        continue;
                    Interlocked.Increment(ref revivals);
                    Assert.Equal(LogOp.Delete, log[i - 1].Op);
                    Assert.True(log[i].Stamp > log.Take(i).Max(entry => entry.Stamp));
                }
                Assert.Equal(log[^1].Op != LogOp.Delete, owner.Rows[Row].IsLive);
            },
            iter: 4_000
        );
        // Histories in which nothing ever came back would prove nothing.
        Assert.True(revivals > 100);
    }

    [Fact]
    public void P11_a_device_older_than_the_tombstones_resets_and_any_other_does_not() =>
        Gen.Select(Gen.Long[0, 50], Gen.Long[0, 50], Gen.Long[0, 50])
            .Sample(
                (version, floor, tombstones) =>
                {
                    var head = OwnerHead.New(OwnerModel.Noon) with
                    {
                        Version = 50,
                        LogHorizon = tombstones,
                        TombstoneHorizon = tombstones,
                    };
                    var cursor = new Cursor(head.Epoch, version, null, floor == 0 ? null : floor);
                    var plan = Sync.Reading.ReadPlan.For(head, [], cursor, null);
                    var isStart = cursor is { Version: 0, Floor: null };
                    var isTooOld = !isStart && Math.Max(version, floor) < tombstones;
                    Assert.Equal(isTooOld, plan.Reset is not null);
                    if (isTooOld)
                        Assert.Equal(ResetReason.TombstonesCollected, plan.Reset!.Reason);
                }
            );

    [Fact]
    public void The_order_of_stamps_is_total_and_consistent() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 3], Gen.Int[1, 3])
            .Select(
                (time, priority, device, seq) =>
                    new Stamp(OwnerModel.Noon.AddTicks(time * 10), priority, Devices[device], seq)
            )
            .Array[3]
            .Sample(s =>
            {
                Assert.Equal(s[0] == s[1], s[0].CompareTo(s[1]) == 0);
                Assert.Equal(Math.Sign(s[0].CompareTo(s[1])), -Math.Sign(s[1].CompareTo(s[0])));
                if (s[0] < s[1] && s[1] < s[2])
                    Assert.True(s[0] < s[2]);
            });

    private static OwnerModel NewOwner() => new(Devices.Zip(Priorities));

    /// <summary>Plays a history in an order of arrival that keeps generations and each device's own order.</summary>
    private static OwnerModel Play(Edit[] history, IReadOnlyList<Edit> arrival, int perPush)
    {
        var owner = NewOwner();
        // What a device that has seen a generation has as the row's version.
        var seen = new long[5];
        var generation = 0;
        var seqs = history.ToDictionary(edit => edit, edit => SeqOf(history, edit));
        foreach (var batch in Batches(arrival, perPush))
        {
            while (generation < batch[0].Generation)
                seen[++generation] = owner.Rows.TryGetValue(Row, out var row) ? row.Version : 0;
            owner.Take([
                .. batch.Select(edit =>
                    owner.Receive(
                        Devices[edit.Device],
                        OwnerModel.Noon,
                        [ToChange(edit, seqs[edit], seen[edit.Seen])]
                    )
                ),
            ]);
        }
        return owner;
    }

    /// <summary>Runs of edits of one generation.</summary>
    private static IEnumerable<List<Edit>> Batches(IReadOnlyList<Edit> arrival, int size)
    {
        var batch = new List<Edit>();
        foreach (var edit in arrival)
        {
            if (batch.Count == size || (batch.Count > 0 && batch[0].Generation != edit.Generation))
            {
                yield return batch;
                batch = [];
            }
            batch.Add(edit);
        }
        if (batch.Count > 0)
            yield return batch;
    }

    private static List<Edit> Shuffle(Edit[] history, Random random)
    {
        var result = new List<Edit>();
        foreach (
            var generation in history.GroupBy(edit => edit.Generation).OrderBy(group => group.Key)
        )
        {
            // A device's own edits keep their order: shuffle the devices' turns, not the edits.
            var queues = generation
                .GroupBy(edit => edit.Device)
                .ToDictionary(g => g.Key, g => new Queue<Edit>(g));
            var turns = generation.Select(edit => edit.Device).ToArray();
            random.Shuffle(turns);
            result.AddRange(turns.Select(device => queues[device].Dequeue()));
        }
        return result;
    }

    private static long SeqOf(Edit[] history, Edit edit) =>
        history.Count(other => other.Device == edit.Device && other.Order <= edit.Order);

    /// <summary>
    /// The first generation creates: what came before there is a row would be rejected, and that does
    /// depend on the order.
    /// </summary>
    private static Edit Number(Edit edit, int i, Edit first) =>
        edit with
        {
            Order = i,
            Op = edit.Generation == first.Generation ? ChangeOp.Create : edit.Op,
        };

    private static Change ToChange(Edit edit, long seq, long known) =>
        Change(seq, edit.Op, known, edit.AgeMs, edit.Op == ChangeOp.Delete ? [] : Fields(edit));

    private static (string, int)[] Fields(Edit edit) =>
        [
            .. new[] { "a", "b", "c" }
                .Where((_, i) => (edit.Fields & (1 << i)) != 0)
                .Select(name => (name, 100 + edit.Order)),
        ];

    private static Change Change(
        long seq,
        ChangeOp op,
        long known,
        long ageMs,
        params (string, int)[] fields
    ) =>
        new(
            seq,
            new ChangeId(new Guid((int)seq, 1, 1, new byte[8])),
            Row.Entity,
            Row.Id.ToString("D"),
            op,
            known,
            ageMs,
            fields.ToDictionary(pair => pair.Item1, pair => FieldValue.Integer(pair.Item2))
        );

    private static string Describe(OwnerModel owner)
    {
        if (!owner.Rows.TryGetValue(Row, out var row))
            return "no row";
        return $"{(row.IsLive ? "live" : "gone")} a={row["a"]} b={row["b"]} c={row["c"]}";
    }

    /// <summary>
    /// Keeps every write for ever with who knew what, and asks for each field and for presence which
    /// write has the greatest stamp.
    /// </summary>
    private static string Reference(Edit[] history)
    {
        var writes = new List<(Edit Edit, Stamp Stamp, bool Deletes)>();
        foreach (var edit in history)
        {
            var stamp = new Stamp(
                OwnerModel.Noon.AddMilliseconds(-edit.AgeMs),
                Priorities[edit.Device],
                Devices[edit.Device],
                SeqOf(history, edit)
            );
            var known = writes
                .Where(w => w.Edit.Generation < edit.Seen || w.Edit.Device == edit.Device)
                .ToList();
            if (known.Count > 0)
                stamp = stamp.RaisedAbove(known.Max(w => w.Stamp.EditedAt));
            writes.Add((edit, stamp, edit.Op == ChangeOp.Delete));
        }
        var live = !writes.MaxBy(w => w.Stamp).Deletes;
        return $"{(live ? "live" : "gone")} a={Winner("a", 0)} b={Winner("b", 1)} c={Winner("c", 2)}";

        string Winner(string name, int bit)
        {
            var wrote = writes.Where(w => !w.Deletes && (w.Edit.Fields & (1 << bit)) != 0).ToList();
            return wrote.Count == 0 ? "null" : $"{100 + wrote.MaxBy(w => w.Stamp).Edit.Order}";
        }
    }
}
