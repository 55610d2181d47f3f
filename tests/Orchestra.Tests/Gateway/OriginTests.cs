using System.Net;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Gateway;

/// <summary>Which web pages may use the gateway, and what else is not let in by its door.</summary>
public sealed class OriginTests(OriginTests.Allowing allowing) : IClassFixture<OriginTests.Allowing>
{
    private const string Friend = "https://app.example";

    private readonly RunningSilo silo = allowing.Silo;

    public static TheoryData<string> Foreign =>
        new()
        {
            "https://evil.example",
            "null",
            "https://app.example.evil.example",
            "http://app.example",
        };

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_page_of_a_foreign_origin_is_refused_at_both_doors(string origin)
    {
        var token = await silo.TokenAsync(SharedServer.NewOwner());
        var upgrade = await Upgrade.RefusedAsync(silo, token, origin);
        Assert.Equal(HttpStatusCode.Forbidden, upgrade.Status);
        Assert.Equal("origin_refused", upgrade.Error.Code);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/devices");
        request.Headers.Add("Authorization", $"Bearer {token}");
        request.Headers.TryAddWithoutValidation("Origin", origin);
        using var response = await silo.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Pages_that_are_listed_and_the_gateway_s_own_are_let_in()
    {
        var token = await silo.TokenAsync(SharedServer.NewOwner());
        var own = silo.Gateway.GetLeftPart(UriPartial.Authority);
        foreach (var origin in new[] { Friend, own })
            Assert.Equal(
                HttpStatusCode.SwitchingProtocols,
                await Upgrade.StatusAsync(silo, token, origin)
            );
    }

    [Fact]
    public async Task A_listed_page_s_preflight_is_answered()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/v1/push");
        request.Headers.Add("Origin", Friend);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        using var response = await silo.Http.SendAsync(request);
        Assert.Equal(
            Friend,
            Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin"))
        );
    }

    [Fact]
    public async Task Without_the_subprotocol_there_is_no_socket()
    {
        var token = await silo.TokenAsync(SharedServer.NewOwner());
        foreach (var subprotocol in new[] { null, "orchestra.sync.v2", "graphql-ws" })
        {
            var answer = await Upgrade.RefusedAsync(silo, token, subprotocol: subprotocol);
            Assert.Equal("protocol_unsupported", answer.Error.Code);
        }
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/metrics")]
    [InlineData("/dashboard")]
    [InlineData("/v1/nothing")]
    [InlineData("/")]
    public async Task What_operators_see_cannot_be_reached_through_the_gateway(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = silo.Admin.Authority;
        var answer = await HttpAnswer.OfAsync(await silo.Http.SendAsync(request));
        Assert.Equal((HttpStatusCode.NotFound, "not_found"), (answer.Status, answer.Error.Code));
    }

    [Fact]
    public async Task The_admin_listener_tells_its_health_and_has_no_sync()
    {
        using var admin = new HttpClient { BaseAddress = silo.Admin };
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/health/live")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/health/ready")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync("/v1/devices")).StatusCode);
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await admin.PostAsync("/dev/token", null)).StatusCode
        );
    }

    /// <summary>A silo that lets one foreign origin in.</summary>
    public sealed class Allowing : IAsyncLifetime
    {
        private RunningSilo? silo;

        public RunningSilo Silo => silo!;

        public async Task InitializeAsync() =>
            silo = await RunningSilo.StartAsync(
                null,
                ("Orchestra:Gateway:AllowedOrigins:0", Friend + "/")
            );

        public Task DisposeAsync() => Silo.DisposeAsync().AsTask();
    }
}
