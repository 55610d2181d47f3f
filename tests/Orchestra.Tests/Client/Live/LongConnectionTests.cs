using System.Text;
using Orchestra.Client;
using Orchestra.Sync.Wire;
using Xunit;

namespace Orchestra.Tests.Client.Live;

/// <summary>What happens on a connection that lasts.</summary>
public sealed class LongConnectionTests : IDisposable
{
    private static readonly WireCatalog Catalog = WireCatalog.From(Frames.Catalog);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestra-");
    private readonly AdvancingTime time = new();
    private readonly TaskCompletionSource isConnected = new();

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_new_token_is_handed_over_before_the_old_one_expires()
    {
        var renewed = new TaskCompletionSource<string>();
        await using var server = await ScriptedServer.StartAsync(async device =>
        {
            await GreetAsync(device);
            renewed.SetResult((await device.HearAsync<TokenMessage>()).Token);
            await device.UntilClosedAsync();
        });
        var tokens = new Queue<string>([ExpiresAfter(50), ExpiresAfter(200)]);
        await RunAsync(
            server,
            _ => tokens.Dequeue(),
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(39));
                await Task.Yield();
                Assert.False(renewed.Task.IsCompleted);
                time.Advance(TimeSpan.FromSeconds(2));
                var token = await renewed.Task.WaitAsync(TimeSpan.FromSeconds(30));
                Assert.Equal(ExpiresAfter(200), token);
            }
        );
    }

    [Theory]
    [InlineData("opaque")]
    [InlineData("a.b.c")]
    [InlineData("a.e30.c")]
    public async Task A_token_that_does_not_say_when_it_expires_is_kept(string token)
    {
        var heard = new TaskCompletionSource();
        await using var server = await ScriptedServer.StartAsync(async device =>
        {
            await GreetAsync(device);
            // Would be a token message otherwise, which is not a push.
            await device.HearAsync<PushMessage>();
            heard.SetResult();
            await device.UntilClosedAsync();
        });
        await RunAsync(
            server,
            _ => token,
            async client =>
            {
                time.Advance(TimeSpan.FromSeconds(50));
                await client.PutAsync("projects", Frames.Id(1), Frames.Name("mine"));
                await heard.Task.WaitAsync(TimeSpan.FromSeconds(30));
            }
        );
    }

    [Fact]
    public async Task A_server_that_has_fallen_silent_is_left_for_a_new_connection()
    {
        var again = new TaskCompletionSource();
        await using var server = await ScriptedServer.StartAsync(
            async device =>
            {
                await GreetAsync(device);
                await device.UntilClosedAsync();
            },
            async device =>
            {
                await device.WelcomeAsync(head: 0, Catalog);
                again.SetResult();
                await device.UntilClosedAsync();
            }
        );
        await RunAsync(
            server,
            _ => "token",
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(61));
                await again.Task.WaitAsync(TimeSpan.FromSeconds(30));
            }
        );
    }

    private static async Task GreetAsync(ScriptedConnection device)
    {
        await device.WelcomeAsync(head: 0, Catalog);
        var pull = await device.HearAsync<PullMessage>();
        await device.SayAsync(Frames.Log(0, 0) with { Ref = pull.Ref });
    }

    private Task RunAsync(
        ScriptedServer server,
        Func<Uri, string> token,
        Func<Task> whenConnected
    ) => RunAsync(server, token, _ => whenConnected());

    private async Task RunAsync(
        ScriptedServer server,
        Func<Uri, string> token,
        Func<OrchestraClient, Task> whenConnected
    )
    {
        await using var client = await OrchestraClient.OpenAsync(
            server.OptionsFor(Path.Combine(folder.FullName, "device.db")) with
            {
                OutboxPoll = TimeSpan.FromMilliseconds(20),
                Time = time,
                Token = (address, _) => Task.FromResult(token(address)),
            }
        );
        client.Progress += progress =>
        {
            if (progress.IsUpToDate)
                isConnected.TrySetResult();
        };
        using var stop = new CancellationTokenSource();
        var running = client.RunAsync(stop.Token);
        await isConnected.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await whenConnected(client);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    /// <summary>A JWT as far as a client looks into it; the scripted server's time is 0.</summary>
    private static string ExpiresAfter(int seconds)
    {
        var claims = Encoding.UTF8.GetBytes($$"""{"sub":"x","exp":{{seconds}}}""");
        return $"e30.{Convert.ToBase64String(claims).TrimEnd('=').Replace('+', '-').Replace('/', '_')}.x";
    }
}
