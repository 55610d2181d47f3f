using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Npgsql;
using Orchestra.Sync;

namespace Orchestra.Benchmarks.Workloads.Bare;

/// <summary>An owner's tasks, as one SELECT gives them, into a table of SQLite.</summary>
internal static class BareCopy
{
    private const string Select = """
        select id, version, created_at, updated_at, title, detail, status, urgency
        from orchestra.tasks
        where owner_id = $1
        order by version
        """;

    private const string Create = """
        pragma journal_mode = wal;
        pragma synchronous = normal;
        create table tasks (id text primary key, version integer, created_at text, updated_at text,
            title text, detail text, status text, urgency integer);
        """;

    private const string Insert = "insert into tasks values ($0, $1, $2, $3, $4, $5, $6, $7)";

    private const int Columns = 8;

    public static async Task<TimeSpan> RunAsync(
        Stage stage,
        OwnerId owner,
        string database,
        CancellationToken cancel
    )
    {
        var start = Stopwatch.GetTimestamp();
        await using var from = await stage.Product.EnterAsync();
        await using var select = new NpgsqlCommand(Select, from);
        select.Parameters.Add(new NpgsqlParameter { Value = owner.Value });
        await using var into = new SqliteConnection($"Data Source={database};Pooling=false");
        await into.OpenAsync(cancel);
        await using (var create = new SqliteCommand(Create, into))
            await create.ExecuteNonQueryAsync(cancel);
        await using var transaction = (SqliteTransaction)await into.BeginTransactionAsync(cancel);
        await using var insert = new SqliteCommand(Insert, into, transaction);
        for (var i = 0; i < Columns; i++)
            insert.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
        await using (var rows = await select.ExecuteReaderAsync(cancel))
            while (await rows.ReadAsync(cancel))
            {
                for (var i = 0; i < Columns; i++)
                    insert.Parameters[i].Value = rows.GetValue(i);
                insert.ExecuteNonQuery();
            }
        await transaction.CommitAsync(cancel);
        return Stopwatch.GetElapsedTime(start);
    }
}
