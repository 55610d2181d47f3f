using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Processes;
using Orchestra.TestKit.Stores;

namespace Orchestra.Tests.Cluster;

/// <summary>An entity type is a table: one more migration, and the same programs sync it.</summary>
public class AddedTableTests
{
    [Fact]
    public async Task A_table_that_a_migration_adds_syncs_between_devices()
    {
        var database = await MigratedDatabase.CreateAsync(more: PostgresBench.Specimens);
        await using var silo = await SiloProcess.StartAsync(
            ("Orchestra__Postgres__ConnectionString", database.ConnectionString())
        );
        var user = Guid.NewGuid();
        using var a = await CommandLineDevice.CreateAsync(silo, user);
        using var b = await CommandLineDevice.CreateAsync(silo, user);
        await a.RunAsync(
            "put",
            "specimens",
            "label=first",
            "amount:=7",
            "extra:={\"b\":1,\"a\":[]}"
        );
        await b.RunAsync("sync");

        var lines = await b.RunAsync("ls", "specimens");
        var names = lines[0].Split('\t').ToList();
        var row = Assert.Single(lines.Skip(1)).Split('\t');
        Assert.Equal("first", row[names.IndexOf("label")]);
        Assert.Equal("7", row[names.IndexOf("amount")]);
        Assert.Equal("true", (await b.ReadStatusAsync())["matches"]);
    }
}
