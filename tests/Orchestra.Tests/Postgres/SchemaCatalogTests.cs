using Npgsql;
using Orchestra.TestKit.Postgres;
using Xunit;

namespace Orchestra.Tests.Postgres;

/// <summary>What PostgreSQL itself says of the schema that the migrations make.</summary>
public sealed class SchemaCatalogTests
{
    /// <summary>Deleting or checking a parent would read the whole table of its children.</summary>
    [Fact]
    public Task Every_foreign_key_has_an_index_that_begins_with_its_columns() =>
        AssertNoneAsync(
            """
            select f.conrelid::regclass || ' (' || f.conname || ')'
            from pg_constraint f
            join pg_namespace n on n.oid = f.connamespace
            where f.contype = 'f' and n.nspname in ('orchestra', 'orchestra_log', 'orleans')
                and not exists (
                    select from pg_index i
                    where i.indrelid = f.conrelid
                        and (i.indkey::smallint[])[0:cardinality(f.conkey) - 1] @> f.conkey
                        -- Of some of the rows only, if those are all that refer to anything.
                        and (
                            i.indpred is null
                            or pg_get_expr(i.indpred, i.indrelid) ~ '^\(\w+ IS NOT NULL\)$'
                        )
                )
            """
        );

    [Fact]
    public Task Every_table_is_explained() =>
        AssertNoneAsync(
            """
            select c.oid::regclass::text
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            where n.nspname in ('orchestra', 'orchestra_log', 'orleans')
                and c.relkind in ('r', 'p', 'v') and c.relname <> 'specimens'
                and obj_description(c.oid, 'pg_class') is null
            """
        );

    [Fact]
    public Task Every_column_is_explained() =>
        AssertNoneAsync(
            """
            select c.oid::regclass || '.' || a.attname
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            where n.nspname in ('orchestra', 'orchestra_log', 'orleans')
                and c.relkind in ('r', 'p', 'v') and c.relname <> 'specimens'
                and col_description(c.oid, a.attnum) is null
            """
        );

    /// <summary>The query finds what is wrong; the specimens are the tests' own and have no comments.</summary>
    private static async Task AssertNoneAsync(string query)
    {
        await using var connection = new NpgsqlConnection(
            (await MigratedDatabase.SharedAsync()).ConnectionString("postgres")
        );
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(query, connection);
        var found = new List<string>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            found.Add(reader.GetString(0));
        Assert.Empty(found);
    }
}
