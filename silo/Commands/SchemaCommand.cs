using System.CommandLine;
using Orchestra.Database.Schema;
using Orchestra.Database.Sqlite;
using Orchestra.Silo.Hosting;
using Orchestra.Sync.Catalog;

namespace Orchestra.Silo.Commands;

internal static class SchemaCommand
{
    private static readonly Option<string?> Dialect = new Option<string?>("--dialect")
    {
        Description = "The SQL that makes the tables instead: sqlite or postgres",
    }.AcceptOnlyFromAmong("sqlite", "postgres");

    public static Command Create()
    {
        var command = new Command("schema", "Prints the entity types that sync, and their fields.")
        {
            Dialect,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                if (parsed.GetValue(Dialect) is { } dialect)
                    return Print(dialect);
                return await RunAsync(cancellation);
            }
        );
        return command;
    }

    /// <summary>The scripts of this version, in the order in which they are applied.</summary>
    private static int Print(string dialect)
    {
        var scripts =
            dialect == "sqlite"
                ? SqlScript.Sqlite
                : Migration.BuiltIn.Select(migration => migration.Script);
        foreach (var script in scripts)
            Console.WriteLine($"-- {script.Name}\n{script.Text}");
        return 0;
    }

    private static async Task<int> RunAsync(CancellationToken cancellation)
    {
        // The tables of this version, whether or not there is a server with data here.
        using var database = SqliteDatabase.OpenInMemory();
        await new SqliteSchema(database, TimeProvider.System).MigrateAsync(cancellation);
        var store = await SqliteSyncStore.OpenAsync(database, cancellation);
        var catalog = await store.LoadCatalogAsync(cancellation);
        Console.WriteLine($"catalog {catalog.Hash}");
        foreach (var type in catalog.Types)
            Print(type);
        return 0;
    }

    private static void Print(EntityType type)
    {
        Console.WriteLine();
        Console.WriteLine(type.ServerOwned ? $"{type.Name} (rows made by the server)" : type.Name);
        foreach (var field in type.Fields)
            Console.WriteLine($"  {field.Name, -16} {Describe(field)}");
    }

    private static string Describe(Field field) =>
        string.Join(
            ", ",
            new[]
            {
                field.Type.ToString().ToLowerInvariant()
                    + (field.MaxLength is { } length ? $"({length})" : ""),
                field.Required ? "required" : null,
                field.ServerOnly ? "read-only" : null,
                field.IsNaturalKey ? "natural key" : null,
                field.References is { } parent ? $"refers to {parent}" : null,
            }.OfType<string>()
        );
}
