using Microsoft.Data.Sqlite;
using Npgsql;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Stores;

namespace Orchestra.Tests.Postgres;

/// <summary>The two schemas are one: column by column, as each database itself describes them.</summary>
public sealed class SchemaMatchTests
{
    /// <summary>How a declared type of SQLite reads in PostgreSQL.</summary>
    private static readonly Dictionary<string, string> Types = new()
    {
        ["TEXT"] = "text",
        ["TEXT UUID"] = "uuid",
        ["TEXT TIMESTAMP"] = "timestamp with time zone",
        ["TEXT JSON"] = "jsonb",
        ["INTEGER"] = "bigint",
        ["INTEGER BOOLEAN"] = "boolean",
        ["REAL"] = "double precision",
    };

    /// <summary>What differs on purpose, and why.</summary>
    private static readonly Dictionary<string, string> Differences = new()
    {
        // PostgreSQL prunes months; SQLite has one table, and its transactions need no mark.
        ["sync_head.first_month"] = "only there",
        ["sync_head.month_starts"] = "only there",
        ["sync_head.commit_id"] = "only there",
        ["sync_head.kind"] = "only there",
        // SQLite keeps a JSON value's bound in its declared type.
        ["sync_field_rule.bound"] = "only there",
        // Small numbers, for which SQLite has no type of their own.
        ["sync_log.priority"] = "integer",
        ["sync_conflict.ordinal"] = "integer",
        ["*.stamp_priority"] = "integer",
        // A list, where SQLite has JSON; and a text that jsonb might not hold.
        ["sync_log.won"] = "text[]",
        ["sync_conflict.fields"] = "json",
        // The partition key must be part of the key.
        ["sync_log primary key"] = "owner_id, version, created_at",
    };

    private static readonly string[] SyncTables =
    [
        "sync_head",
        "device_cursor",
        "sync_log",
        "sync_conflict",
        "sync_epoch",
        "sync_entity",
        "sync_field_rule",
        "users",
        "devices",
        "settings",
        "projects",
        "files",
        "tasks",
        "notes",
        "conversations",
        "messages",
    ];

    public static TheoryData<string> Tables => new(SyncTables);

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task A_table_has_the_same_columns_in_both(string table)
    {
        var (here, there) = (await ReadSqliteAsync(table), await ReadPostgresAsync(table));
        var expected = here.ToDictionary(column => column.Name, column => Expected(table, column));
        foreach (var (name, what) in Differences)
            if (what == "only there" && name.StartsWith($"{table}.", StringComparison.Ordinal))
                Assert.True(there.Remove(name[(table.Length + 1)..]));
        Assert.Equal(
            expected.OrderBy(pair => pair.Key, StringComparer.Ordinal),
            there.OrderBy(pair => pair.Key, StringComparer.Ordinal)
        );
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task A_table_has_the_same_keys_and_references_in_both(string table)
    {
        var key = Differences.GetValueOrDefault(
            $"{table} primary key",
            await SqliteKeyAsync(table)
        );
        var rows = await PostgresAsync(
            """
            select case contype when 'p' then 'key ' else confrelid::regclass::text || ' ' end ||
                (select string_agg(attname, ', ' order by place)
                from unnest(conkey) with ordinality as k (number, place)
                join pg_attribute a on a.attrelid = conrelid and a.attnum = k.number) ||
                coalesce(' -> ' || (select string_agg(attname, ', ' order by place)
                from unnest(confkey) with ordinality as k (number, place)
                join pg_attribute a on a.attrelid = confrelid and a.attnum = k.number), '')
            from pg_constraint
            where conrelid = ('orchestra.' || $1)::regclass and contype in ('p', 'f')
            """,
            table
        );
        var expected = (await SqliteReferencesAsync(table))
            .Select(reference => $"orchestra.{reference}")
            .Append($"key {key}");
        Assert.Equal(expected.Order(), rows.Select(row => row[0]).Order());
    }

    [Fact]
    public async Task Both_give_the_same_catalog()
    {
        await using var sqlite = new SqliteBench(inMemory: true);
        await using var postgres = new PostgresBench();
        var here = await (await sqlite.OpenAsync()).LoadCatalogAsync(CancellationToken.None);
        var there = await (await postgres.OpenAsync()).LoadCatalogAsync(CancellationToken.None);
        Assert.Equal(here.Hash, there.Hash);
    }

    private static string Expected(string table, Column column)
    {
        var name = column.Type.Split('(')[0].Trim();
        var type =
            Differences.GetValueOrDefault($"{table}.{column.Name}")
            ?? Differences.GetValueOrDefault($"*.{column.Name}")
            ?? (
                name == "TEXT" && column.Type.Contains('(')
                    ? $"character varying{column.Type[4..]}"
                    : Types[name]
            );
        return $"{type}{(column.IsRequired ? " not null" : "")} {column.Default}".TrimEnd();
    }

    private static async Task<List<Column>> ReadSqliteAsync(string table) =>
        (
            await SqliteAsync(
                """select name, type, "notnull" or pk > 0, dflt_value from pragma_table_xinfo($1)""",
                table
            )
        )
            .Select(row => new Column(row[0], row[1], row[2] == "1", row[3]))
            .ToList();

    private static async Task<string> SqliteKeyAsync(string table) =>
        (
            await SqliteAsync(
                """
                select group_concat(name, ', ') from
                    (select name from pragma_table_xinfo($1) where pk > 0 order by pk)
                """,
                table
            )
        )[0][0];

    private static async Task<IEnumerable<string>> SqliteReferencesAsync(string table) =>
        (
            await SqliteAsync(
                """
                select "table" || ' ' || group_concat("from", ', ') || ' -> ' ||
                    group_concat("to", ', ')
                from (select * from pragma_foreign_key_list($1) order by id, seq)
                group by id, "table"
                """,
                table
            )
        ).Select(row => row[0]);

    private static async Task<Dictionary<string, string>> ReadPostgresAsync(string table) =>
        (
            await PostgresAsync(
                """
                select attname, format_type(atttypid, atttypmod)
                    || case when attnotnull then ' not null' else '' end
                    || coalesce(' ' || pg_get_expr(adbin, adrelid), '')
                from pg_attribute
                left join pg_attrdef on adrelid = attrelid and adnum = attnum
                where attrelid = ('orchestra.' || $1)::regclass and attnum > 0
                    and not attisdropped and attgenerated = ''
                """,
                table
            )
        ).ToDictionary(row => row[0], row => row[1]);

    private static async Task<List<string[]>> SqliteAsync(string sql, string table)
    {
        using var bench = new SqliteBench(inMemory: false);
        await bench.OpenAsync();
        await using var connection = new SqliteConnection(
            $"Data Source={bench.File};Pooling=False"
        );
        connection.Open();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$1", table);
        return await ReadAsync(await command.ExecuteReaderAsync());
    }

    private static async Task<List<string[]>> PostgresAsync(string sql, string table)
    {
        var database = await MigratedDatabase.SharedAsync();
        await using var connection = await database.EnterAsync();
        await using var command = new NpgsqlCommand(sql, connection)
        {
            Parameters = { new() { Value = table } },
        };
        return await ReadAsync(await command.ExecuteReaderAsync());
    }

    private static async Task<List<string[]>> ReadAsync(System.Data.Common.DbDataReader reader)
    {
        var rows = new List<string[]>();
        while (await reader.ReadAsync())
            rows.Add([
                .. Enumerable
                    .Range(0, reader.FieldCount)
                    .Select(i => $"{(reader.IsDBNull(i) ? "" : reader.GetValue(i))}"),
            ]);
        await reader.DisposeAsync();
        return rows;
    }

    private sealed record Column(string Name, string Type, bool IsRequired, string Default);
}
