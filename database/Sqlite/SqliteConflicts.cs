using Microsoft.Data.Sqlite;
using Orchestra.Database.Values;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Reading;
using Orchestra.Sync.Store;
using Orchestra.Sync.Wire;

namespace Orchestra.Database.Sqlite;

/// <summary>The record of what lost.</summary>
internal static class SqliteConflicts
{
    private const string Columns = """
        commit_no, ordinal, verdict, entity_type, entity_id, device_id, seq, change_id, version,
        winner_version, code, field, op, fields, recorded_at
        """;

    private const string Insert = $"""
        insert into sync_conflict (owner_id, {Columns})
        values (@owner, @commit, @ordinal, @verdict, @entity, @id, @device, @seq, @change,
            @version, @winner, @code, @field, @op, @fields, @at)
        """;

    private const string SelectBefore = $"""
        select {Columns} from sync_conflict
        where owner_id = @owner and (commit_no, ordinal) < (@commit, @ordinal)
        order by commit_no desc, ordinal desc
        limit @limit
        """;

    /// <summary>The newest there can be.</summary>
    private static readonly ConflictPosition End = new(long.MaxValue, 0);

    public static void Append(
        SqliteSession session,
        OwnerId owner,
        ConflictPosition position,
        Conflict conflict
    ) =>
        session.Execute(
            Insert,
            ("@owner", owner.Value.ToColumn()),
            ("@commit", position.CommitNo),
            ("@ordinal", position.Ordinal),
            ("@verdict", EnumNames<ConflictVerdict>.Write(conflict.Verdict)),
            ("@entity", conflict.Entity),
            ("@id", conflict.RowId),
            ("@device", conflict.Device.Value.ToColumn()),
            ("@seq", conflict.Seq),
            ("@change", conflict.Change.Value.ToColumn()),
            ("@version", conflict.Version),
            ("@winner", conflict.WinnerVersion),
            ("@code", conflict.Code is { } code ? EnumNames<ErrorCode>.Write(code) : null),
            ("@field", conflict.Field),
            ("@op", EnumNames<ChangeOp>.Write(conflict.Op)),
            ("@fields", WireCodec.WriteFields(conflict.Fields)),
            ("@at", conflict.RecordedAt.ToColumn())
        );

    /// <summary>A page, newest first.</summary>
    public static ConflictPage ReadPage(
        SqliteSession session,
        OwnerId owner,
        ConflictPosition? before,
        int limit
    )
    {
        var page = new ConflictPageBuilder(limit);
        var from = before ?? End;
        while (true)
        {
            var chunk = session.List(
                SelectBefore,
                row =>
                    (Position: new ConflictPosition(row.GetInt64(0), row.GetInt32(1)), Read(row)),
                ("@owner", owner.Value.ToColumn()),
                ("@commit", from.CommitNo),
                ("@ordinal", from.Ordinal),
                ("@limit", (long)ConflictPageBuilder.Chunk)
            );
            foreach (var (position, conflict) in chunk)
                if (!page.Add(position, conflict))
                    return page.Build(isEnd: false);
            if (chunk.Count < ConflictPageBuilder.Chunk)
                return page.Build(isEnd: true);
            from = chunk[^1].Position;
        }
    }

    private static Conflict Read(SqliteDataReader row) =>
        new(
            EnumNames<ConflictVerdict>.Read(row.GetString(2)),
            row.GetString(3),
            row.GetString(4),
            new DeviceId(row.GetUuid(5)),
            row.GetInt64(6),
            new ChangeId(row.GetUuid(7)),
            row.GetIntegerOrNull(8),
            row.GetIntegerOrNull(9),
            row.GetTextOrNull(10) is { } code ? EnumNames<ErrorCode>.Read(code) : null,
            row.GetTextOrNull(11),
            EnumNames<ChangeOp>.Read(row.GetString(12)),
            WireCodec.ReadFields(row.GetString(13)),
            row.GetTime(14)
        );
}
