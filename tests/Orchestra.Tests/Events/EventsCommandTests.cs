using Orchestra.Cli;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Client.Live;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Events;

/// <summary><c>orchestra events</c>, called within this process.</summary>
[Collection(nameof(SharedSilo))]
public sealed class EventsCommandTests(SharedSilo shared)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly OwnerId owner = SharedServer.NewOwner();

    private string Admin => shared.Silo.Admin.ToString();

    [Theory]
    [InlineData("")]
    [InlineData("--json")]
    public async Task It_shows_an_event_a_line_until_it_is_stopped(string json)
    {
        using var stop = new CancellationTokenSource(Patience);
        using var output = new Lines();
        using var news = new Lines();
        var ended = CommandLine.RunAsync(
            [
                .. $"events --admin {Admin} --owner {owner} --kind commit {json}".Split(
                    ' ',
                    StringSplitOptions.RemoveEmptyEntries
                ),
            ],
            output,
            news,
            stop.Token
        );
        Assert.Equal("watching", await news.NextAsync(stop.Token));
        await using var device = await RawDevice.ConnectAsync(shared.Silo, owner);
        var line = await output.NextAsync(stop.Token);
        if (json.Length > 0)
            Assert.Equal("commit", WireCodec.ReadFields(line)["kind"].AsText());
        else
            Assert.Matches(
                @$"^\d\d:\d\d:\d\d\.\d\d\d commit     v1-\d+ \d+ changes owner {owner} by the server$",
                line
            );

        await stop.CancelAsync();
        Assert.Equal(0, await ended);
    }

    [Fact]
    public async Task It_comes_back_when_the_silo_does()
    {
        await using var silo = await RunningSilo.StartAsync();
        using var stop = new CancellationTokenSource(Patience);
        using var news = new Lines();
        var ended = CommandLine.RunAsync(
            ["events", "--admin", silo.Admin.ToString()],
            TextWriter.Null,
            news,
            stop.Token
        );
        Assert.Equal("watching", await news.NextAsync(stop.Token));
        await silo.StopAsync();
        Assert.Contains("trying again", await news.NextAsync(stop.Token));
        await silo.RestartAsync();
        Assert.Equal("watching", await news.NextAsync(stop.Token));
        await stop.CancelAsync();
        Assert.Equal(0, await ended);
    }

    [Fact]
    public async Task It_says_why_it_cannot_and_leaves_with_a_code()
    {
        await FailsAsync(4, "cannot be read", "--admin", CalledCommandLine.Nowhere);
        await FailsAsync(1, "has no events", "--admin", shared.Silo.Gateway.ToString());
        await FailsAsync(2, "kind is one or more", "--admin", Admin, "--kind", "commits");
        await FailsAsync(2, "owner is one UUID", "--admin", Admin, "--owner", "me");
        await FailsAsync(2, "no server's address", "--admin", "here");
    }

    private static async Task FailsAsync(int code, string sentence, params string[] arguments)
    {
        using var error = new StringWriter();
        using var patience = new CancellationTokenSource(Patience);
        Assert.Equal(
            code,
            await CommandLine.RunAsync(
                ["events", .. arguments],
                TextWriter.Null,
                error,
                patience.Token
            )
        );
        Assert.Contains(sentence, error.ToString(), StringComparison.Ordinal);
    }
}
