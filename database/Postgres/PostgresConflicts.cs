using Npgsql;
using NpgsqlTypes;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Reading;
using Orchestra.Sync.Store;
using Orchestra.Sync.Wire;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres;

/// <summary>The record of what lost.</summary>
internal static class PostgresConflicts
{
    private const string Columns = """
        commit_no, ordinal, verdict, entity_type, entity_id, device_id, seq, change_id, version,
        winner_version, code, field, op, fields, recorded_at
        """;

    private static readonly string Insert = $"""
        insert into orchestra.sync_conflict (owner_id, {Columns})
        select c.* from unnest($1::uuid[], $2::bigint[], $3::integer[], $4::text[], $5::text[],
            $6::text[], $7::uuid[], $8::bigint[], $9::uuid[], $10::bigint[], $11::bigint[],
            $12::text[], $13::text[], $14::text[], $15::json[], $16::timestamptz[])
            as c (owner_id, {Columns})
        {PostgresHeads.JoinPassed("c", 17)}
        """;

    private const string SelectBefore = $"""
        select {Columns} from orchestra.sync_conflict
        where owner_id = $1 and (commit_no, ordinal) < ($2, $3)
        order by commit_no desc, ordinal desc
        limit $4
        """;

    /// <summary>The newest there can be.</summary>
    private static readonly ConflictPosition End = new(long.MaxValue, 0);

    public static Statement Append(
        IReadOnlyCollection<(OwnerId Owner, ConflictPosition At, Conflict Conflict)> items,
        Guid batch
    ) =>
        new(
            Insert,
            Array(items, item => item.Owner.Value),
            Array(items, item => item.At.CommitNo),
            Array(items, item => item.At.Ordinal),
            Array(items, item => EnumNames<ConflictVerdict>.Write(item.Conflict.Verdict)),
            Array(items, item => item.Conflict.Entity),
            Array(items, item => item.Conflict.RowId),
            Array(items, item => item.Conflict.Device.Value),
            Array(items, item => item.Conflict.Seq),
            Array(items, item => item.Conflict.Change.Value),
            Array(items, item => item.Conflict.Version),
            Array(items, item => item.Conflict.WinnerVersion),
            Array(
                items,
                item => item.Conflict.Code is { } code ? EnumNames<ErrorCode>.Write(code) : null
            ),
            Array(items, item => item.Conflict.Field),
            Array(items, item => EnumNames<ChangeOp>.Write(item.Conflict.Op)),
            Json(items, item => WireCodec.WriteFields(item.Conflict.Fields), NpgsqlDbType.Json),
            Times(items, item => item.Conflict.RecordedAt),
            Of(batch)
        );

    /// <summary>A page, newest first.</summary>
    public static async Task<ConflictPage> ReadPageAsync(
        PostgresSession session,
        OwnerId owner,
        ConflictPosition? before,
        int limit
    )
    {
        var page = new ConflictPageBuilder(limit);
        var from = before ?? End;
        while (true)
        {
            var chunk = await session.ListAsync(
                new(
                    SelectBefore,
                    Of(owner.Value),
                    Of(from.CommitNo),
                    Of(from.Ordinal),
                    Of((long)ConflictPageBuilder.Chunk)
                ),
                row => (Position: new ConflictPosition(row.GetInt64(0), row.GetInt32(1)), Read(row))
            );
            foreach (var (position, conflict) in chunk)
                if (!page.Add(position, conflict))
                    return page.Build(isEnd: false);
            if (chunk.Count < ConflictPageBuilder.Chunk)
                return page.Build(isEnd: true);
            from = chunk[^1].Position;
        }
    }

    private static Conflict Read(NpgsqlDataReader row) =>
        new(
            EnumNames<ConflictVerdict>.Read(row.GetString(2)),
            row.GetString(3),
            row.GetString(4),
            new DeviceId(row.GetGuid(5)),
            row.GetInt64(6),
            new ChangeId(row.GetGuid(7)),
            row.GetIntegerOrNull(8),
            row.GetIntegerOrNull(9),
            row.GetTextOrNull(10) is { } code ? EnumNames<ErrorCode>.Read(code) : null,
            row.GetTextOrNull(11),
            EnumNames<ChangeOp>.Read(row.GetString(12)),
            WireCodec.ReadFields(row.GetString(13)),
            row.GetTime(14)
        );
}
