using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Wire;

namespace Orchestra.Tests.Client;

/// <summary>What a server might send, in few words.</summary>
internal static class Frames
{
    public const long Epoch = 7;

    public static readonly OwnerId Owner = new(Id(0xAAAA));

    public static readonly DeviceId Stranger = new(Id(0xBBBB));

    public static readonly EntityCatalog Catalog = new([
        new EntityType(
            "projects",
            [
                Field("name", FieldType.Text) with
                {
                    Required = true,
                },
                Field("summary", FieldType.Text),
                Field("stars", FieldType.Integer),
                Field("share", FieldType.Real),
                Field("archived", FieldType.Boolean),
                Field("settings", FieldType.Json),
            ],
            serverOwned: false
        ),
    ]);

    public static Guid Id(int number) => new($"00000000-0000-4000-8000-{number:x12}");

    public static Field Field(string name, FieldType type) =>
        new(name, type, null, false, false, false, null);

    public static Dictionary<string, FieldValue> Name(string name) =>
        new() { ["name"] = FieldValue.Text(name) };

    public static WireEntry Put(
        long version,
        int row,
        Dictionary<string, FieldValue> fields,
        string entity = "projects"
    ) => new(version, entity, Id(row), WireOp.Put, Stranger, DateTimeOffset.UnixEpoch, fields);

    public static WireEntry Gone(long version, int row) =>
        new(
            version,
            "projects",
            Id(row),
            WireOp.Delete,
            Stranger,
            DateTimeOffset.UnixEpoch,
            Change.NoFields
        );

    public static ChangesMessage Log(long from, long to, params WireEntry[] entries) =>
        new(Owner, Epoch, from, to, More: false, entries);

    public static ChangesMessage Rows(
        long from,
        long to,
        bool more,
        long floor,
        params WireEntry[] entries
    ) => new(Owner, Epoch, from, to, more, entries, Floor: floor);

    public static ulong DigestOf(params (int Row, long Version)[] rows) =>
        rows.Aggregate(0UL, (sum, row) => sum ^ Digest.Of(Id(row.Row), row.Version));
}
