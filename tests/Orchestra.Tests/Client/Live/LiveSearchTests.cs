using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Xunit;

namespace Orchestra.Tests.Client.Live;

/// <summary>Searching by words on the device, in the fields that the real server's catalog names.</summary>
public sealed class LiveSearchTests(RunningServer server) : IClassFixture<RunningServer>
{
    private readonly Guid user = Guid.NewGuid();
    private readonly Guid note = Guid.NewGuid();

    [Fact]
    public async Task What_others_wrote_and_what_is_unsent_is_found_and_what_is_gone_is_not()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await using var bob = await LiveDevice.OpenAsync(server, user);
        await ada.Client.SyncAsync();
        await bob.Client.SyncAsync();
        await PutAsync(ada, note, "Shopping", "Milk, bread and a moon rocket");
        await ada.Client.SyncAsync();
        Assert.Empty(await bob.Client.SearchAsync("rocket"));

        await bob.Client.SyncAsync();
        var hit = Assert.Single(await bob.Client.SearchAsync("ROCKET milk"));
        Assert.Equal(("notes", note), (hit.Entity, hit.Id));
        Assert.Equal(
            ["Milk", "rocket"],
            hit.Snippet.Highlights.Select(mark =>
                hit.Snippet.Text.Substring(mark.Start, mark.Length)
            )
        );
        Assert.Empty(await bob.Client.SearchAsync("rocket cheese"));

        // Offline: another body over the server's row, and a new note.
        await PutAsync(bob, note, "Shopping", "Cheese");
        await PutAsync(bob, Guid.NewGuid(), "Cheese", "Emmental");
        Assert.Empty(await bob.Client.SearchAsync("rocket"));
        Assert.Equal(2, (await bob.Client.SearchAsync("cheese")).Count);

        await bob.Client.DeleteAsync("notes", note);
        Assert.Single(await bob.Client.SearchAsync("cheese"));
        await bob.Client.SyncAsync();
        await ada.Client.SyncAsync();
        Assert.Empty(await ada.Client.SearchAsync("rocket"));
        Assert.Single(await ada.Client.SearchAsync("cheese", ["notes"]));
    }

    [Fact]
    public async Task Types_that_are_no_longer_taken_are_no_longer_found()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await ada.Client.SyncAsync();
        await PutAsync(ada, note, "Shopping", "Milk");
        await ada.Client.SyncAsync();
        Assert.Single(await ada.Client.SearchAsync("milk"));

        await ada.Client.TakeOnlyAsync(["projects"]);

        Assert.Empty(await ada.Client.SearchAsync("milk"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("\"")]
    [InlineData("bread OR (")]
    [InlineData("body:milk*")]
    [InlineData("NEAR(a, b) AND -")]
    public async Task Nothing_that_is_typed_is_an_error(string words)
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await ada.Client.SyncAsync();
        await PutAsync(ada, note, "Shopping", "Milk");

        Assert.Empty(await ada.Client.SearchAsync(words));
    }

    [Fact]
    public async Task A_type_that_does_not_exist_is_refused()
    {
        await using var ada = await LiveDevice.OpenAsync(server, user);
        await ada.Client.SyncAsync();
        var error = await Assert.ThrowsAsync<SyncException>(() =>
            ada.Client.SearchAsync("milk", ["nothing"])
        );
        Assert.Equal(ErrorCode.UnknownEntity, error.Code);
    }

    private static Task PutAsync(LiveDevice device, Guid id, string title, string body) =>
        device.PutAsync(
            "notes",
            id,
            ("title", FieldValue.Text(title)),
            ("body", FieldValue.Text(body)),
            ("is_pinned", FieldValue.Boolean(false))
        );
}
