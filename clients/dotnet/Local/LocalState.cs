using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Data.Sqlite;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Local;

/// <summary>The one row of <c>o_meta</c>.</summary>
/// <param name="Device">Made when the database was created.</param>
/// <param name="Kind">What kind of client it is.</param>
/// <param name="Name">What its user calls it.</param>
/// <param name="Server">Where it syncs to, once known.</param>
/// <param name="Owner">Whose data it holds, once known.</param>
/// <param name="Cursor">How far the owner's history has been applied.</param>
/// <param name="Digest">Over the live server rows.</param>
/// <param name="Rows">How many of those.</param>
/// <param name="LastSeq">The last seq given to a change.</param>
/// <param name="Acknowledged">The last (seq, change) with a verdict.</param>
/// <param name="CatalogHash">Of the catalog the tables were made from.</param>
/// <param name="Compared">What the server last said the digest should be.</param>
/// <param name="Replaces">The identity given up, until the server knows of it.</param>
/// <param name="Entities">The only types it takes; null = all.</param>
/// <param name="DifferedAt">When the rows last had to be dropped because they differed.</param>
internal sealed record LocalState(
    DeviceId Device,
    DeviceKind Kind,
    string Name,
    Uri? Server,
    OwnerId? Owner,
    Cursor Cursor,
    ulong Digest,
    long Rows,
    long LastSeq,
    SentChange? Acknowledged,
    string? CatalogHash,
    DigestComparison? Compared,
    WireDeviceSeq? Replaces,
    IReadOnlyList<string>? Entities,
    DateTimeOffset? DifferedAt
)
{
    /// <summary>Of a device that has met nobody.</summary>
    public static LocalState New(DeviceId id, NewDevice device) =>
        new(
            id,
            device.Kind,
            device.Name,
            Server: null,
            Owner: null,
            Cursor.Start(0),
            Digest: 0,
            Rows: 0,
            LastSeq: 0,
            Acknowledged: null,
            CatalogHash: null,
            Compared: null,
            Replaces: null,
            Entities: null,
            DifferedAt: null
        );

    /// <summary>Whether every row up to the cursor is here, not only those sent so far.</summary>
    public bool IsComplete => Cursor.Floor is null;

    public static LocalState Load(Statements sql) =>
        sql.Query("select * from o_meta where one = 1", Read).Single();

    public void Save(Statements sql) =>
        sql.Execute(
            """
            insert into o_meta (one, device, kind, name, server, owner, epoch, version, mark, floor,
                digest, live_rows, last_seq, acknowledged_seq, acknowledged_change, catalog_hash,
                compared_at, compared_digest, compared_rows, replaces_device, replaces_seq, entities,
                differed_at)
            values (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                $19, $20, $21, $22)
            on conflict (one) do update set
                device = $1, kind = $2, name = $3, server = $4, owner = $5, epoch = $6,
                version = $7, mark = $8, floor = $9, digest = $10, live_rows = $11,
                last_seq = $12, acknowledged_seq = $13, acknowledged_change = $14,
                catalog_hash = $15, compared_at = $16, compared_digest = $17, compared_rows = $18,
                replaces_device = $19, replaces_seq = $20, entities = $21, differed_at = $22
            """,
            Device.ToString(),
            EnumNames<DeviceKind>.Write(Kind),
            Name,
            Server?.ToString(),
            Owner?.ToString(),
            Cursor.Epoch,
            Cursor.Version,
            Cursor.Mark?.ToString(),
            Cursor.Floor,
            unchecked((long)Digest),
            Rows,
            LastSeq,
            Acknowledged?.Seq ?? 0,
            Acknowledged?.Change.ToString(),
            CatalogHash,
            Compared?.Version,
            Compared is null ? null : unchecked((long)Compared.Digest),
            Compared?.Rows,
            Replaces?.Device.ToString(),
            Replaces?.Seq,
            Entities is null ? null : JsonSerializer.Serialize(Entities, LocalJson.Default.Names),
            DifferedAt is { } at ? Timestamps.Write(at) : null
        );

    private static LocalState Read(SqliteDataReader row) =>
        new(
            new DeviceId(Guid.Parse(row.GetString(row.GetOrdinal("device")))),
            EnumNames<DeviceKind>.Read(row.GetString(row.GetOrdinal("kind"))),
            row.GetString(row.GetOrdinal("name")),
            Text(row, "server") is { } server ? new Uri(server) : null,
            Text(row, "owner") is { } owner ? new OwnerId(Guid.Parse(owner)) : null,
            new Cursor(
                Number(row, "epoch")!.Value,
                Number(row, "version")!.Value,
                Text(row, "mark") is { } mark ? new ChangeId(Guid.Parse(mark)) : null,
                Number(row, "floor")
            ),
            unchecked((ulong)Number(row, "digest")!.Value),
            Number(row, "live_rows")!.Value,
            Number(row, "last_seq")!.Value,
            Text(row, "acknowledged_change") is { } change
                ? new SentChange(
                    Number(row, "acknowledged_seq")!.Value,
                    new ChangeId(Guid.Parse(change))
                )
                : null,
            Text(row, "catalog_hash"),
            Number(row, "compared_at") is { } at
                ? new DigestComparison(
                    at,
                    unchecked((ulong)Number(row, "compared_digest")!.Value),
                    Number(row, "compared_rows")!.Value
                )
                : null,
            Text(row, "replaces_device") is { } replaces
                ? new WireDeviceSeq(
                    new DeviceId(Guid.Parse(replaces)),
                    Number(row, "replaces_seq")!.Value
                )
                : null,
            Text(row, "entities") is { } entities
                ? JsonSerializer.Deserialize(entities, LocalJson.Default.Names)
                : null,
            Text(row, "differed_at") is { } differed ? Timestamps.Read(differed) : null
        );

    private static string? Text(SqliteDataReader row, string column) =>
        row[column] is DBNull ? null : Convert.ToString(row[column], CultureInfo.InvariantCulture);

    private static long? Number(SqliteDataReader row, string column) =>
        row[column] is DBNull ? null : (long)row[column];
}

/// <summary>A change under the seq it was sent with.</summary>
internal sealed record SentChange(long Seq, ChangeId Change);

/// <summary>The server's digest and row count at a version that was its head.</summary>
internal sealed record DigestComparison(long Version, ulong Digest, long Rows);

[JsonSerializable(typeof(IReadOnlyList<string>), TypeInfoPropertyName = "Names")]
internal sealed partial class LocalJson : JsonSerializerContext;
