using Npgsql;
using Orchestra.TestKit.Postgres;
using Orchestra.Tests.House;

namespace Orchestra.Tests.Postgres;

/// <summary>What the design page says of a table is what the database says of it.</summary>
public sealed class DocumentedTablesTests
{
    [Fact]
    public async Task The_design_page_quotes_the_comments_of_the_tables()
    {
        var database = await MigratedDatabase.CreateAsync();
        await using var connection = await database.EnterAsync();
        await using var command = new NpgsqlCommand(
            """
            select relname, obj_description(oid) from pg_class
            where relnamespace = 'orchestra'::regnamespace and relkind in ('r', 'p')
                and relname not like '%embedding%'
            order by relname collate "C"
            """,
            connection
        );
        var expected = new List<string>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            expected.Add($"| `{reader.GetString(0)}` | {reader.GetString(1)} |");
        Assert.Equal(
            expected,
            Repository
                .Read("database/DESIGN.md")
                .Split('\n')
                .SkipWhile(line => line != "| table | what it is |")
                .Skip(2)
                .TakeWhile(line => line.StartsWith('|'))
        );
    }
}
