using Orchestra.Database.Sqlite;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Store;

namespace Orchestra.Benchmarks.Pure;

/// <summary>Tasks of one owner, about 250 bytes of JSON each, and changes of them.</summary>
internal sealed class MadeUpTasks(EntityCatalog catalog)
{
    public static readonly OwnerId Owner = new(new Guid("11111111-1111-4111-8111-111111111111"));
    public static readonly DateTimeOffset Noon = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly DeviceId Desk = new(new Guid("22222222-2222-4222-8222-22222222222a"));
    public static readonly DeviceId Phone = new(new Guid("22222222-2222-4222-8222-22222222222b"));

    private const string Type = "tasks";
    private static readonly RowKey Project = new("projects", IdOf(0));

    public EntityCatalog Catalog { get; } = catalog;

    /// <summary>With the entity types of the embedded store.</summary>
    public static async Task<MadeUpTasks> CreateAsync()
    {
        using var database = SqliteDatabase.OpenInMemory();
        await new SqliteSchema(database, TimeProvider.System).MigrateAsync(default);
        var store = await SqliteSyncStore.OpenAsync(database, default);
        return new(await store.LoadCatalogAsync(default));
    }

    /// <summary>A task's fields, as its app writes them.</summary>
    public static Dictionary<string, FieldValue> FieldsOf(int number) =>
        new()
        {
            ["project_id"] = FieldValue.Text(Project.Id.ToString("D")),
            ["title"] = FieldValue.Text($"Call the printer about order {number}"),
            ["detail"] = FieldValue.Text(
                "They promised the proofs for Thursday; ask for the heavier paper as well."
            ),
            ["status"] = FieldValue.Text("open"),
            ["urgency"] = FieldValue.Integer(2),
            ["estimate_hours"] = FieldValue.Real(1.5),
            ["due_at"] = FieldValue.Text("2026-11-05T09:00:00.000000Z"),
        };

    public static Change Create(int number) =>
        Make(number, ChangeOp.Create, known: 0, FieldsOf(number));

    /// <param name="number">Of the task, and of the change.</param>
    /// <param name="known">The version that its device had.</param>
    public static Change Finish(int number, long known) =>
        Make(
            number,
            ChangeOp.Update,
            known,
            new()
            {
                ["status"] = FieldValue.Text("done"),
                ["completed_at"] = FieldValue.Text("2026-11-01T11:59:30.000000Z"),
            }
        );

    public CheckedChange Check(Change change) => ChangeCheck.Check(Catalog, change);

    /// <summary>A task as the store has it after its creation by the phone.</summary>
    /// <param name="number">Of the task, and its version.</param>
    public static Row RowOf(int number) =>
        RowOf(new RowKey(Type, IdOf(number)), number, FieldsOf(number));

    public static Row ProjectRow() =>
        RowOf(Project, 1, new() { ["name"] = FieldValue.Text("The autumn catalogue") });

    /// <summary>The phone's later writes of a task's title, the newest one the row's last.</summary>
    /// <param name="row">The task, before them.</param>
    /// <param name="count">How many.</param>
    public static RowPast Retitled(Row row, int count)
    {
        var writes = new List<PastWrite>(count);
        for (var i = 1; i <= count; i++)
        {
            var stamp = row.Stamp with
            {
                EditedAt = row.Stamp.EditedAt.AddSeconds(i),
                Seq = row.Stamp.Seq + i,
            };
            writes.Add(
                new(
                    row.Key,
                    row.Version + i,
                    stamp,
                    stamp.EditedAt,
                    new ChangeId(IdOf(i)),
                    LogOp.Put,
                    ["title"]
                )
            );
        }
        var after = row with { Version = writes[^1].Version, Stamp = writes[^1].Stamp };
        return new(after, writes, isLogComplete: true);
    }

    public static Stamp StampOf(DeviceId device, long seq) => new(Noon, 50, device, seq);

    private static Row RowOf(RowKey key, long version, Dictionary<string, FieldValue> fields)
    {
        var at = Noon.AddDays(-1);
        var stamp = StampOf(Phone, version) with { EditedAt = at };
        return new(key, version, version, at, at, null, stamp, null, fields);
    }

    private static Change Make(
        int number,
        ChangeOp op,
        long known,
        Dictionary<string, FieldValue> fields
    ) =>
        new(
            number,
            new ChangeId(IdOf(number)),
            Type,
            IdOf(number).ToString("D"),
            op,
            known,
            AgeMs: 1_500,
            fields
        );

    private static Guid IdOf(int number) =>
        new(number, 0x1234, 0x4567, [0x89, 1, 2, 3, 4, 5, 6, 7]);
}
