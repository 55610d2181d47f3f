namespace Orchestra.Tests.Client.Live;

public sealed class ConflictCommandTests(RunningServer server)
    : IClassFixture<RunningServer>,
        IDisposable
{
    private readonly CalledCommandLine commands = new(server.Address);

    public void Dispose() => commands.Dispose();

    [Fact]
    public async Task What_lost_is_shown_beside_what_won()
    {
        var (change, id) = await LoseAsync();

        var shown = await commands.RunAsync("one", "conflicts", "show", change);
        var listed = Assert.Single(await commands.AskAsync("one", "conflicts", "list"));

        Assert.Contains($"projects {id}", shown, StringComparison.Ordinal);
        Assert.Contains("color\tred\tblue\tblue", shown, StringComparison.Ordinal);
        Assert.Equal(change, listed["change"].AsText());
        Assert.Equal("""{"color":"red"}""", listed["fields"].AsText());
        Assert.Equal("""{"color":"blue"}""", listed["winning"].AsText());
    }

    [Fact]
    public async Task What_lost_can_be_written_again_and_arrives_elsewhere()
    {
        var (change, id) = await LoseAsync();

        var restored = Assert.Single(
            await commands.AskAsync("one", "conflicts", "restore", change)
        );

        Assert.True(restored["sent"].AsBoolean());
        await commands.RunAsync("two", "sync");
        var row = Assert.Single(await commands.AskAsync("two", "get", "projects", id));
        Assert.Equal("red", row["color"].AsText());
        Assert.Empty(await commands.AskAsync("one", "conflicts"));
    }

    [Fact]
    public async Task What_lost_can_be_forgotten_without_a_server()
    {
        var (change, _) = await LoseAsync();
        await commands.UnplugAsync("one");

        await commands.RunAsync("one", "conflicts", "dismiss", change);

        Assert.Empty(await commands.AskAsync("one", "conflicts"));
        var (code, _, _) = await commands.TryAsync("one", "conflicts", "show", change);
        Assert.Equal(5, code);
    }

    /// <summary>Both write the same field of the same row, and the first one's is the older.</summary>
    private async Task<(string Change, string Row)> LoseAsync()
    {
        await commands.LogInAsync("one");
        var id = (await commands.RunAsync("one", "put", "projects", "name=Apollo")).Trim();
        await commands.LogInAsync("two");
        await commands.RunAsync("one", "put", "projects", id, "color=red", "--offline");
        // People are slower than a push is under way, by which what is sent later may seem younger.
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        await commands.RunAsync("two", "put", "projects", id, "color=blue");
        await commands.RunAsync("one", "sync");
        var conflict = Assert.Single(await commands.AskAsync("one", "conflicts"));
        return (conflict["change"].AsText(), id);
    }
}
