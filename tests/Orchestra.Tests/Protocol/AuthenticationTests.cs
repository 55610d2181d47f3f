using System.Net;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>Who is let in. Whatever is wrong with a token, the answer is the same.</summary>
[Collection(nameof(SharedServer))]
public sealed class AuthenticationTests(SharedServer shared)
{
    private static readonly OwnerId Owner = SharedServer.NewOwner();
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private static readonly Dictionary<string, Func<TokenForge, string>> Bad = new()
    {
        ["empty"] = _ => "",
        ["no token at all"] = _ => "garbage",
        ["two dots"] = _ => "..",
        ["not signed"] = forge => forge.Make(Owner, token => token.SigningCredentials = null),
        ["not signed, and says so in capitals"] = forge => WithHeader(forge, "None"),
        ["the signature cut off"] = forge => Parts(forge)[0] + "." + Parts(forge)[1] + ".",
        ["another payload under a signature"] = forge =>
            $"{Parts(forge)[0]}.{forge.Make(SharedServer.NewOwner()).Split('.')[1]}.{Parts(forge)[2]}",
        ["another key"] = forge =>
            forge.Make(
                Owner,
                token =>
                    token.SigningCredentials = new(
                        new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(64)),
                        SecurityAlgorithms.HmacSha256
                    )
            ),
        ["another algorithm"] = forge => forge.MakeHs512(Owner),
        ["another issuer"] = forge => forge.Make(Owner, token => token.Issuer = "somebody"),
        ["no issuer"] = forge => forge.Make(Owner, token => token.Issuer = null),
        ["another audience"] = forge => forge.Make(Owner, token => token.Audience = "somebody"),
        ["no audience"] = forge => forge.Make(Owner, token => token.Audience = null),
        ["another type"] = forge => forge.Make(Owner, token => token.TokenType = "dpop+jwt"),
        ["with an extension that is critical"] = forge =>
            forge.Make(
                Owner,
                token =>
                    token.AdditionalHeaderClaims = new Dictionary<string, object>
                    {
                        ["crit"] = new[] { "exp2" },
                        ["exp2"] = 1,
                    }
            ),
        ["expired"] = forge =>
            forge.Make(
                Owner,
                token =>
                {
                    token.NotBefore = Now.AddHours(-2).UtcDateTime;
                    token.Expires = Now.AddMinutes(-1).UtcDateTime;
                }
            ),
        ["not yet valid"] = forge =>
            forge.Make(Owner, token => token.NotBefore = Now.AddMinutes(30).UtcDateTime),
        ["valid for ever"] = forge => forge.Make(Owner, token => token.Expires = null),
        ["huge"] = forge =>
            forge.Make(Owner, token => token.Claims["scope"] = new string('x', 20_000)),
        ["nobody's"] = forge => forge.Make((object?)null),
        ["of a name"] = forge => forge.Make("ada"),
        ["of a number"] = forge => forge.Make(1),
        ["of nil"] = forge => forge.Make(Guid.Empty.ToString()),
        ["of an id in capitals"] = forge => forge.Make($"{Owner}".ToUpperInvariant()),
        ["of an id in braces"] = forge => forge.Make($"{{{Owner}}}"),
        ["of two"] = forge => forge.Make(new[] { $"{Owner}", $"{SharedServer.NewOwner()}" }),
    };

    public static TheoryData<string> Names => new(Bad.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_token_that_is_no_good_gets_the_one_answer_at_every_door(string what)
    {
        var token = Bad[what](new TokenForge(shared.Server, Now));
        var expected = await AnswerWithoutTokenAsync();
        Assert.Equal("unauthenticated", expected.Code);

        var http = await new HttpDoor(shared.Server.Http, token).GetAsync("/v1/devices");
        Assert.Equal(HttpStatusCode.Unauthorized, http.Status);
        Assert.Equal(expected, http.Error with { Trace = null });
        var upgrade = await Upgrade.RefusedAsync(shared.Server, token);
        Assert.Equal(HttpStatusCode.Unauthorized, upgrade.Status);
        Assert.Equal(expected, upgrade.Error with { Trace = null });
        Assert.Equal(expected, await AnswerToHelloAsync(token));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Renewing_with_a_token_that_is_no_good_ends_the_socket(string what)
    {
        var token = Bad[what](new TokenForge(shared.Server, Now));
        await using var device = await RawDevice.ConnectAsync(shared.Server, Owner);
        await device.Socket.SendAsync(new TokenMessage(token));
        await device.Socket.ExpectErrorAsync(ErrorCode.Unauthenticated);
        Assert.Equal(4401, (int?)await device.Socket.ExpectCloseAsync());
    }

    [Fact]
    public async Task The_forge_s_own_tokens_are_good_so_that_what_spoils_them_is_what_counts()
    {
        var forge = new TokenForge(shared.Server, Now);
        var plain = await new HttpDoor(shared.Server.Http, forge.Make(Owner)).GetAsync(
            "/v1/devices"
        );
        var typed = await new HttpDoor(
            shared.Server.Http,
            forge.Make(Owner, token => token.TokenType = "at+jwt")
        ).GetAsync("/v1/devices");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (plain.Status, typed.Status));
    }

    [Fact]
    public async Task A_browser_s_token_comes_with_hello()
    {
        await using var socket = await RawSocket.OpenAsync(shared.Server.Gateway);
        var token = await shared.Server.TokenAsync(Owner);
        await socket.SendAsync(new HelloMessage(1, RawDevice.NewDevice(), [], token));
        Assert.Equal(Owner, (await socket.ExpectAsync<WelcomeMessage>()).User);
    }

    [Fact]
    public async Task Two_tokens_of_different_owners_are_not_taken_together()
    {
        await using var socket = await RawSocket.OpenAsync(
            shared.Server.Gateway,
            await shared.Server.TokenAsync(Owner)
        );
        var other = await shared.Server.TokenAsync(SharedServer.NewOwner());
        await socket.SendAsync(new HelloMessage(1, RawDevice.NewDevice(), [], other));
        await socket.ExpectErrorAsync(ErrorCode.Forbidden);
    }

    [Fact]
    public async Task A_token_is_renewed_in_place_for_the_same_owner_only()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, Owner);
        await device.Socket.SendAsync(new TokenMessage(await shared.Server.TokenAsync(Owner)));
        Assert.Empty((await device.Socket.DrainAsync()).OfType<ErrorMessage>());

        var other = await shared.Server.TokenAsync(SharedServer.NewOwner());
        await device.Socket.SendAsync(new TokenMessage(other));
        await device.Socket.ExpectErrorAsync(ErrorCode.Forbidden);
        Assert.Equal(ChangeStatus.Applied, (await device.PushAsync(Edits.Project()))[0].Status);
    }

    [Theory]
    [InlineData("/v1/devices?access_token=")]
    [InlineData("/v1/devices?token=")]
    [InlineData("/v1/sync?access_token=")]
    public async Task A_token_in_the_URL_is_refused_however_good_it_is(string path)
    {
        var token = await shared.Server.TokenAsync(Owner);
        var answer = await new HttpDoor(shared.Server.Http, token).GetAsync(path + token);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("token_in_url", answer.Error.Code);
        Assert.DoesNotContain(token, answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"user":"ada"}""", "invalid_value")]
    [InlineData("""{"user":"00000000-0000-0000-0000-000000000000"}""", "invalid_value")]
    [InlineData("{}", "invalid_value")]
    [InlineData("[]", "malformed")]
    [InlineData("", "malformed")]
    public async Task The_development_door_hands_out_tokens_for_UUIDs_only(string body, string code)
    {
        var answer = await new HttpDoor(shared.Server.Http, null).SendAsync(
            HttpMethod.Post,
            "/dev/token",
            System.Text.Encoding.UTF8.GetBytes(body)
        );
        Assert.Equal(code, answer.Error.Code);
    }

    [Fact]
    public async Task The_development_door_opens_only_to_a_loopback_name()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/dev/token");
        request.Headers.Host = $"rebound.example:{shared.Server.Gateway.Port}";
        request.Content = System.Net.Http.Json.JsonContent.Create(new { user = Owner.Value });
        var answer = await HttpAnswer.OfAsync(await shared.Server.Http.SendAsync(request));
        Assert.Equal(
            (HttpStatusCode.Forbidden, "origin_refused"),
            (answer.Status, answer.Error.Code)
        );
    }

    private async Task<ErrorMessage> AnswerWithoutTokenAsync()
    {
        var answer = await new HttpDoor(shared.Server.Http, null).GetAsync("/v1/devices");
        return answer.Error with { Trace = null };
    }

    private async Task<ErrorMessage> AnswerToHelloAsync(string token)
    {
        await using var socket = await RawSocket.OpenAsync(shared.Server.Gateway);
        await socket.SendAsync(new HelloMessage(1, RawDevice.NewDevice(), [], token));
        var error = await socket.ExpectAsync<ErrorMessage>();
        Assert.Equal(4401, (int?)await socket.ExpectCloseAsync());
        return error with { Trace = null };
    }

    private static string[] Parts(TokenForge forge) => forge.Make(Owner).Split('.');

    private static string WithHeader(TokenForge forge, string algorithm) =>
        Base64UrlEncoder.Encode($$"""{"alg":"{{algorithm}}","typ":"JWT"}""")
        + $".{Parts(forge)[1]}.";
}
