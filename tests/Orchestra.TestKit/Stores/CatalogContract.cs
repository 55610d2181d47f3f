using Orchestra.Sync.Catalog;
using Xunit;

namespace Orchestra.TestKit.Stores;

/// <summary>The tables are the schema.</summary>
public abstract class CatalogContract(IStoreBench bench) : StoreContract(bench)
{
    [Fact]
    public async Task Every_table_that_syncs_is_an_entity_type()
    {
        var catalog = await Store.LoadCatalogAsync(Never);
        string[] expected =
        [
            "contents",
            "conversations",
            "devices",
            "files",
            "messages",
            "notes",
            "projects",
            "settings",
            "specimens",
            "tasks",
            "users",
        ];
        Assert.Equal(expected, catalog.Types.Select(type => type.Name).Order());
    }

    [Fact]
    public async Task Parents_come_before_the_types_that_refer_to_them()
    {
        var catalog = await Store.LoadCatalogAsync(Never);
        var seen = new HashSet<string>();
        foreach (var type in catalog.Types)
        {
            seen.Add(type.Name);
            Assert.All(
                type.Fields.Select(field => field.References).OfType<string>(),
                parent => Assert.Contains(parent, seen)
            );
        }
    }

    [Fact]
    public async Task A_columns_type_length_and_null_become_the_fields()
    {
        var catalog = await Store.LoadCatalogAsync(Never);
        Assert.Equal(
            [
                new Field("label", FieldType.Text, 100, false, false, false, null),
                new Field("mark", FieldType.Uuid, null, false, false, false, null),
                new Field("amount", FieldType.Integer, null, false, false, false, null),
                new Field("ratio", FieldType.Real, null, false, false, false, null),
                new Field("is_set", FieldType.Boolean, null, false, false, false, null),
                new Field("moment", FieldType.Timestamp, null, false, false, false, null),
                new Field("extra", FieldType.Json, 4096, false, false, false, null),
                new Field("parent_id", FieldType.Uuid, null, false, false, false, "specimens"),
            ],
            catalog["specimens"].Fields
        );
        Assert.Equal(
            new Field("project_id", FieldType.Uuid, null, true, false, false, "projects"),
            catalog["files"].Find("project_id")
        );
    }

    [Fact]
    public async Task Rules_say_what_columns_cannot()
    {
        var catalog = await Store.LoadCatalogAsync(Never);
        Assert.Equal(["name"], catalog["settings"].NaturalKey.Select(field => field.Name));
        Assert.Equal(
            ["contents", "devices", "users"],
            catalog.Types.Where(type => type.ServerOwned).Select(type => type.Name).Order()
        );
        Assert.Equal(["hash"], catalog["contents"].NaturalKey.Select(field => field.Name));
        Assert.Equal(
            ["files.content_hash", "users.avatar_hash"],
            from type in catalog.Types
            from field in type.Fields
            where field.NamesContents
            orderby type.Name
            select $"{type.Name}.{field.Name}"
        );
        Assert.All(catalog["devices"].Fields, field => Assert.True(field.ServerOnly));
        Assert.All(catalog["users"].Fields, field => Assert.False(field.ServerOnly));
    }

    [Fact]
    public async Task Two_views_of_the_same_tables_have_the_same_hash()
    {
        var other = await Bench.OpenAsync();
        var first = await Store.LoadCatalogAsync(Never);
        Assert.Equal(first.Hash, (await other.LoadCatalogAsync(Never)).Hash);
    }
}
