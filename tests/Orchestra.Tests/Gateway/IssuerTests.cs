using System.Net;
using Microsoft.IdentityModel.Tokens;
using Orchestra.Sync;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Gateway;

/// <summary>Tokens of an identity provider, as they are everywhere but on a developer's machine.</summary>
public sealed class IssuerTests : IAsyncLifetime
{
    private readonly OwnerId owner = SharedServer.NewOwner();
    private IdentityProvider provider = null!;
    private RunningSilo silo = null!;

    public async Task InitializeAsync()
    {
        provider = await IdentityProvider.StartAsync();
        silo = await RunningSilo.StartAsync(null, provider.Settings);
    }

    public async Task DisposeAsync()
    {
        await silo.DisposeAsync();
        await provider.DisposeAsync();
    }

    [Fact]
    public async Task A_token_of_its_is_taken_at_both_doors_and_nobody_else_hands_any_out()
    {
        var token = provider.Issue($"{owner}");
        await using var device = await RawDevice.ConnectAsync(silo.Gateway, token, owner);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(token));
        using var answer = await silo.Http.PostAsync("/dev/token", null);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_key_that_is_replaced_is_found()
    {
        Assert.Equal(HttpStatusCode.OK, await AskAsync(provider.Issue($"{owner}")));
        provider.ReplaceKey();
        var token = provider.Issue($"{owner}");
        // The first token of a key that nobody knows may be refused while the keys are fetched.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (await AskAsync(token) != HttpStatusCode.OK)
            await Task.Delay(50, patience.Token);
    }

    [Fact]
    public async Task A_public_key_is_no_secret_and_others_tokens_are_not_taken()
    {
        string[] bad =
        [
            provider.IssueConfused($"{owner}"),
            provider.Issue($"{owner}", spoil: token => token.Audience = "others"),
            provider.Issue($"{owner}", spoil: token => token.Issuer = "https://evil.example"),
            provider.Issue($"{owner}", spoil: token => token.SigningCredentials = null),
            provider.Issue(
                $"{owner}",
                spoil: token =>
                    token.Expires = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-1)
            ),
            provider.Issue("a service"),
        ];
        foreach (var token in bad)
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(token));
    }

    private async Task<HttpStatusCode> AskAsync(string token) =>
        (await new HttpDoor(silo.Http, token).GetAsync("/v1/devices")).Status;
}
