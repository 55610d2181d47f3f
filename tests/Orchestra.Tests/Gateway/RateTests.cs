using System.Net;
using System.Net.Http.Headers;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Gateway;

/// <summary>An owner's devices may ask so much, and other owners do not notice.</summary>
public sealed class RateTests
{
    private const int Burst = 5;

    [Fact]
    public async Task Whoever_asks_too_much_is_told_when_to_come_again_at_either_door()
    {
        await using var silo = await RunningSilo.StartAsync(
            null,
            ("Orchestra:Gateway:RequestsPerSecond", "1"),
            ("Orchestra:Gateway:RequestBurst", $"{Burst}")
        );
        var owner = SharedServer.NewOwner();
        await using var device = await RawDevice.ConnectAsync(silo, owner);
        var verify = new VerifyMessage(owner, ["projects"]);

        ServerMessage reply;
        do reply = await AskAsync(device, verify);
        while (reply is VerifiedMessage);
        var refusal = Assert.IsType<ErrorMessage>(reply);
        Assert.Equal((ErrorCode.RateLimited.Name(), true), (refusal.Code, refusal.Retryable));
        Assert.InRange(refusal.RetryAfterMs!.Value, 1, 60_000);

        HttpResponseMessage answer;
        do answer = await AskAsync(silo, owner);
        while (answer.IsSuccessStatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);

        Assert.True((await AskAsync(silo, SharedServer.NewOwner())).IsSuccessStatusCode);
        // The socket stays open for when there are tokens again.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!patience.IsCancellationRequested)
            if (await AskAsync(device, verify) is VerifiedMessage)
                return;
        Assert.Fail("It never got an answer again");
    }

    [Fact]
    public async Task Zero_means_any_number()
    {
        await using var silo = await RunningSilo.StartAsync(
            null,
            ("Orchestra:Gateway:RequestsPerSecond", "0"),
            ("Orchestra:Gateway:RequestBurst", "1")
        );
        var owner = SharedServer.NewOwner();
        for (var i = 0; i < 10; i++)
            Assert.True((await AskAsync(silo, owner)).IsSuccessStatusCode);
    }

    /// <summary>One question at a time, so that nothing but the rate can refuse it.</summary>
    private static async Task<ServerMessage> AskAsync(RawDevice device, VerifyMessage verify)
    {
        await device.Socket.SendAsync(verify);
        return await device.Socket.ExpectAsync<ServerMessage>(message =>
            message is VerifiedMessage or ErrorMessage
        );
    }

    private static async Task<HttpResponseMessage> AskAsync(RunningSilo silo, OwnerId owner)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/devices");
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            await silo.TokenAsync(owner)
        );
        return await silo.Http.SendAsync(request);
    }
}
