using Microsoft.Data.Sqlite;
using Orchestra.Client;
using Orchestra.Client.Local;
using Orchestra.Client.Rows;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Xunit;

namespace Orchestra.Tests.Client;

/// <summary>Files of earlier versions of the client.</summary>
public sealed class UpgradeTests
{
    [Fact]
    public async Task A_file_of_version_1_is_brought_up_to_date_with_everything_in_it()
    {
        await using var device = await LocalDevice.CreateAsync();
        await device.EditAsync(Edit.Put("projects", Frames.Id(1), Frames.Name("mine")));
        await device.ApplyAsync(Frames.Log(0, 1, Frames.Put(1, 2, Frames.Name("theirs"))));
        await MakeVersion1Async(device.Database.Path);

        await device.ReopenAsync();
        await device.WriteAsync(local => local.HeardFromServer());
        await device.WriteAsync(local =>
            CatalogGrowth.Apply(local, WireCatalog.From(Frames.Catalog))
        );

        Assert.Equal(device.Time.GetUtcNow(), await device.ReadAsync(local => local.LastContact));
        var name = (await device.SeeAsync("projects", Frames.Id(1)))!["name"];
        Assert.Equal(FieldValue.Text("mine"), name);
        name = (await device.SeeAsync("projects", Frames.Id(2)))!["name"];
        Assert.Equal(FieldValue.Text("theirs"), name);
        var places = await device.ReadAsync(local =>
            local.Sql.Number("select max(rowid) from base_projects")
        );
        Assert.Equal(1, places);
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_left_alone()
    {
        await using var device = await LocalDevice.CreateAsync();
        await RunAsync(device.Database.Path, "pragma user_version = 1000");

        var error = Assert.Throws<SyncException>(() =>
            LocalDatabase.Open(
                device.Database.Path,
                new NewDevice(DeviceKind.Desktop, "test"),
                device.Time
            )
        );

        Assert.Equal(ErrorCode.ProtocolUnsupported, error.Code);
    }

    /// <summary>Undoes what later versions have added.</summary>
    private static Task MakeVersion1Async(string path) =>
        RunAsync(
            path,
            """
            create table copy as select * from base_projects;
            drop table base_projects;
            create table base_projects (
                id text not null primary key,
                version integer not null,
                o_present integer not null,
                o_edited_at text not null,
                o_raw text,
                name text,
                summary text,
                stars integer,
                share real,
                archived integer,
                settings text
            ) without rowid;
            insert into base_projects
            select id, version, o_present, o_edited_at, o_raw, name, summary, stars, share, archived,
                settings
            from copy;
            drop table copy;
            drop table o_contact;
            drop table o_contents;
            drop table o_words;
            drop table o_unindexed;
            drop table o_indexed;
            drop trigger o_outbox_left;
            drop table o_sent;
            alter table o_meta drop column replaces_device;
            alter table o_meta drop column replaces_seq;
            alter table o_meta drop column entities;
            alter table o_meta drop column differed_at;
            pragma user_version = 1;
            """
        );

    private static async Task RunAsync(string path, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={path};Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
