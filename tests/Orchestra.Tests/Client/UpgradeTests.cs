using Microsoft.Data.Sqlite;
using Orchestra.Client;
using Orchestra.Client.Local;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
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
        await MakeVersion1Async(device.Database.Path);

        await device.ReopenAsync();
        await device.WriteAsync(local => local.HeardFromServer());

        Assert.Equal(device.Time.GetUtcNow(), await device.ReadAsync(local => local.LastContact));
        var name = (await device.SeeAsync("projects", Frames.Id(1)))!["name"];
        Assert.Equal(FieldValue.Text("mine"), name);
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
            drop table o_contact;
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
