using Npgsql;
using NpgsqlTypes;
using Orchestra.Benchmarks.Workloads.Devices;

namespace Orchestra.Benchmarks.Workloads.Bare;

/// <summary>
/// Writes the product's rows into the product's tables and does nothing else: no fence, no decision,
/// no checks. A head, a task and an entry of the log for each change, as arrays, in one prepared
/// batch that is a transaction.
/// </summary>
internal sealed class BareWriter : IAsyncDisposable
{
    private const string WriteHeads = """
        insert into orchestra.sync_head (owner_id, commit_no, commit_id, version, epoch, digest,
            live_rows, last_commit_at, log_horizon, tombstone_horizon, first_month, month_starts)
        select owner_id, 1, owner_id, version, 0, 0, version, now(), 0, 0, 0, array[1]::bigint[]
        from unnest($1, $2) as u (owner_id, version)
        order by owner_id
        on conflict (owner_id) do update
        set version = excluded.version, commit_no = orchestra.sync_head.commit_no + 1,
            last_commit_at = excluded.last_commit_at, live_rows = excluded.live_rows
        """;

    private const string WriteTasks = """
        insert into orchestra.tasks (owner_id, id, version, created_version, created_at, updated_at,
            stamp_at, stamp_priority, stamp_device, stamp_seq, title, detail, status, urgency)
        select owner_id, id, version, version, now(), now(), now(), 50, owner_id, version, title, $5,
            'open', 3
        from unnest($1, $2, $3, $4) as u (owner_id, id, version, title)
        """;

    private const string WriteLog = """
        insert into orchestra.sync_log (owner_id, version, entity_type, entity_id, op, device_id, seq,
            change_id, priority, edited_at, row_edited_at, fields, created_at)
        select owner_id, version, 'tasks', id, 'put', owner_id, version, change_id, 50, now(), now(),
            fields, now()
        from unnest($1, $2, $3, $4, $5) as u (owner_id, id, version, change_id, fields)
        """;

    private readonly NpgsqlConnection connection;
    private readonly Guid[] owners;
    private long version;

    private BareWriter(NpgsqlConnection connection, int owners)
    {
        this.connection = connection;
        this.owners = [.. Enumerable.Range(0, owners).Select(_ => Guid.NewGuid()).Order()];
    }

    /// <param name="stage">Where.</param>
    /// <param name="owners">Whose changes are in a batch.</param>
    public static async Task<BareWriter> OpenAsync(Stage stage, int owners)
    {
        var connection = await stage.Bare.EnterAsync();
        return new BareWriter(connection, owners);
    }

    /// <summary>Commits a batch of new rows, as many of each owner.</summary>
    public async Task WriteAsync(int changes, CancellationToken cancel)
    {
        var each = changes / owners.Length;
        var all = Enumerable.Range(0, changes).ToList();
        Guid[] owner = [.. all.Select(i => owners[i / each])];
        long[] versions = [.. all.Select(i => version + 1 + (i % each))];
        Guid[] rows = [.. all.Select(_ => Guid.NewGuid())];
        version += each;
        var detail = PushWriter.Fields(0)["detail"].AsText();
        var titles = versions.Select(number => $"Task {number} of a medium length").ToArray();
        await using var batch = new NpgsqlBatch(connection);
        Add(batch, WriteHeads, Uuids(owners), Longs([.. owners.Select(_ => version)]));
        Add(
            batch,
            WriteTasks,
            Uuids(owner),
            Uuids(rows),
            Longs(versions),
            Texts(titles),
            Text(detail)
        );
        Add(
            batch,
            WriteLog,
            Uuids(owner),
            Uuids(rows),
            Longs(versions),
            Uuids([.. rows.Select(_ => Guid.NewGuid())]),
            new NpgsqlParameter
            {
                Value = titles
                    .Select(title =>
                        $$"""{"title":"{{title}}","detail":"{{detail}}","status":"open","urgency":3}"""
                    )
                    .ToArray(),
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb,
            }
        );
        await batch.PrepareAsync(cancel);
        await batch.ExecuteNonQueryAsync(cancel);
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private static void Add(NpgsqlBatch batch, string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddRange(parameters);
        batch.BatchCommands.Add(command);
    }

    private static NpgsqlParameter Uuids(Guid[] values) =>
        new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid };

    private static NpgsqlParameter Longs(long[] values) =>
        new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint };

    private static NpgsqlParameter Texts(string[] values) =>
        new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static NpgsqlParameter Text(string value) =>
        new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };
}
