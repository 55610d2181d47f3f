using Orchestra.Sync;
using Orchestra.Sync.Catalog;

namespace Orchestra.Database.Seeders;

/// <summary>
/// What a user does in some months: makes the rows of a workspace, edits them, deletes a few, and
/// now and then a device that was offline comes with edits of old.
/// </summary>
internal sealed class SeedEdits
{
    private const int ChangesPerPush = 24;
    private const int PercentDeleted = 5;
    private const int PercentOfOld = 4;
    private const int PercentOfNoRow = 1;
    private const int PercentTogether = 5;
    private const int PercentByServer = 15;
    private const int PercentRestored = 25;

    private readonly EntityCatalog catalog;
    private readonly WorkspacePool pool;
    private readonly SeedUser user;
    private readonly Random random;
    private readonly Queue<SeedRow> waiting;
    private readonly int changes;
    private readonly SeedHistory history;
    private readonly DateTimeOffset begin;
    private readonly TimeSpan step;

    public SeedEdits(EntityCatalog catalog, WorkspacePool pool, HistoryPlan plan, int number)
    {
        this.catalog = catalog;
        this.pool = pool;
        user = new SeedUser(plan.Seed, number);
        random = new Random(user.RandomSeed);
        waiting = new(pool.RowsFor(user, random));
        changes = waiting.Count * 8 / 3;
        // The first ones have been there from the beginning, so that no month is empty.
        var late = number % 3 == 0 ? random.Next(0, plan.Months - 1) : 0;
        begin = BeginOf(plan, late);
        step = (plan.Now - begin) / (changes + 1);
        history = new(catalog, user.Owner, begin);
    }

    /// <summary>When the oldest history begins, or one that begins some months later.</summary>
    public static DateTimeOffset BeginOf(HistoryPlan plan, int late = 0) =>
        new DateTimeOffset(plan.Now.Year, plan.Now.Month, 1, 8, 0, 0, TimeSpan.Zero)
            .AddMonths(late + 1 - plan.Months)
            .ToMilliseconds();

    public SeedHistory Make()
    {
        var (profile, laptop) = (waiting.Dequeue(), waiting.Dequeue());
        Register(profile, laptop);
        if (random.Next(3) > 0)
            Register(laptop with { Key = laptop.Key with { Id = user.Phone.Value } });
        var restoreAt = random.Next(100) < PercentRestored ? changes / 2 : int.MaxValue;
        while (history.Log.Count < changes)
        {
            if (history.Log.Count >= restoreAt && history.Epochs.Count == 0)
                history.Restore(Now());
            if (random.Next(100) < PercentByServer)
                history.Take(DeviceId.Server, [EditByServer()], Now());
            Push();
        }
        return history;
    }

    private DateTimeOffset Now() => (begin + (step * history.Log.Count)).ToMilliseconds();

    private void Register(params SeedRow[] rows) =>
        history.Take(
            DeviceId.Server,
            [.. rows.Select(row => Of(0, ChangeOp.Create, row.Key, 0, TimeSpan.Zero, row.Fields))],
            Now()
        );

    private Change EditByServer()
    {
        var key = history.Keys[random.Next(2)];
        var field = key.Entity == EngineEntities.Users ? "display_name" : "app";
        var fields = new Dictionary<string, FieldValue>
        {
            [field] = pool.ValuesOf(key.Entity, random)[field],
        };
        return Of(0, ChangeOp.Update, key, 0, TimeSpan.Zero, fields);
    }

    private void Push()
    {
        var hasPhone = history.State.Devices.ContainsKey(user.Phone);
        var device = hasPhone && random.Next(3) == 0 ? user.Phone : user.Device;
        var seq = history.State.CursorOf(device).LastSeq;
        long? tx = random.Next(100) < PercentTogether ? 1 : null;
        var edits = new List<Change>();
        for (var left = random.Next(1, ChangesPerPush + 1); left > 0; left--)
            edits.Add(Next(++seq, edits.Count) with { Tx = tx });
        history.Take(device, edits, Now());
    }

    private Change Next(long seq, int ahead)
    {
        var left = changes - history.Log.Count - ahead;
        if (waiting.Count > 0 && random.Next(Math.Max(left, 1)) < waiting.Count)
        {
            var row = waiting.Dequeue();
            return Of(seq, ChangeOp.Create, row.Key, 0, Moments(), row.Fields);
        }
        var key = history.Keys[random.Next(history.Keys.Count)];
        var type = catalog[key.Entity];
        if (type.ServerOwned)
            return Next(seq, ahead);
        var current = history.Rows[key];
        if (random.Next(100) < PercentOfNoRow)
            key = key with { Id = user.NextRow() };
        else if (current.IsLive && random.Next(100) < PercentDeleted)
            return Of(seq, ChangeOp.Delete, key, current.Version, Moments(), Change.NoFields);
        else if (!current.IsLive && random.Next(4) > 0)
            return Next(seq, ahead);
        var isOld = random.Next(100) < PercentOfOld;
        return Of(
            seq,
            ChangeOp.Update,
            key,
            isOld ? current.CreatedVersion : current.Version,
            isOld ? TimeSpan.FromDays(random.Next(1, 30)) : Moments(),
            NewValues(type)
        );
    }

    private TimeSpan Moments() => TimeSpan.FromMilliseconds(random.Next(200_000));

    /// <summary>One or two fields that the user may write.</summary>
    private Dictionary<string, FieldValue> NewValues(EntityType type)
    {
        var values = pool.ValuesOf(type.Name, random);
        var names = type
            .Fields.Where(field => field is { IsNaturalKey: false, References: null })
            .Select(field => field.Name)
            .Where(values.ContainsKey)
            .ToArray();
        random.Shuffle(names);
        return names.Take(random.Next(1, 3)).ToDictionary(name => name, name => values[name]);
    }

    private Change Of(
        long seq,
        ChangeOp op,
        RowKey key,
        long known,
        TimeSpan age,
        IReadOnlyDictionary<string, FieldValue> fields
    ) =>
        new(
            seq,
            user.NextChange(),
            key.Entity,
            key.Id.ToString("D"),
            op,
            known,
            (long)age.TotalMilliseconds,
            fields
        );
}
