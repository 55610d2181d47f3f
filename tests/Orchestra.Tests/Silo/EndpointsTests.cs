using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Silo;

/// <summary>Every address of a silo, by the silo's own list: none answers a stranger but those named here.</summary>
public sealed class EndpointsTests : IAsyncLifetime
{
    /// <summary>A socket's token may come with <c>hello</c>; health says nothing of anybody.</summary>
    private static readonly string[] Public =
    [
        "/v1/sync",
        "/health/live",
        "/health/ready",
        "/health/startup",
    ];

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
    public async Task None_answers_a_stranger()
    {
        var all = silo.Endpoints.OfType<RouteEndpoint>().ToList();
        Assert.InRange(all.Count, 20, int.MaxValue);
        var answered = new HashSet<string>();
        foreach (var endpoint in all)
        foreach (var listener in new[] { silo.Gateway, silo.Admin })
        foreach (var method in MethodsOf(endpoint))
        {
            var path = PathOf(endpoint.RoutePattern);
            if (await IsAnsweredAsync(listener, method, path, token: null))
                answered.Add(path);
        }
        Assert.Equal(Public.Order(), answered.Order());
    }

    [Theory]
    [InlineData("/dashboard")]
    [InlineData("/events")]
    [InlineData("/metrics")]
    public async Task Operators_are_those_whose_token_says_so(string path)
    {
        var user = Guid.NewGuid().ToString();
        Assert.True(await IsLetInAsync(provider.Issue("ops", "orchestra.operator")));
        Assert.True(await IsLetInAsync(provider.Issue(user, "email orchestra.operator")));
        Assert.False(await IsLetInAsync(provider.Issue(user)));
        Assert.False(await IsLetInAsync(provider.Issue(user, "orchestra.write")));
        Assert.False(
            await IsLetInAsync(
                provider.Issue(
                    user,
                    "orchestra.operator",
                    token =>
                        token.Expires = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-1)
                )
            )
        );

        Task<bool> IsLetInAsync(string token) => IsAnsweredAsync(silo.Admin, "GET", path, token);
    }

    [Fact]
    public async Task Metrics_alone_may_be_opened_to_whoever_reaches_the_listener()
    {
        await using var open = await RunningSilo.StartAsync(
            null,
            [.. provider.Settings, ("Orchestra:Telemetry:OpenMetrics", "true")]
        );
        Assert.True(await IsAnsweredAsync(open.Admin, "GET", "/metrics", token: null));
        Assert.False(await IsAnsweredAsync(open.Gateway, "GET", "/metrics", token: null));
        Assert.False(await IsAnsweredAsync(open.Admin, "GET", "/events", token: null));
        Assert.False(await IsAnsweredAsync(silo.Admin, "GET", "/metrics", token: null));
    }

    private static async Task<bool> IsAnsweredAsync(
        Uri listener,
        string method,
        string path,
        string? token
    )
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(new(method), new Uri(listener, path));
        if (token is not null)
            request.Headers.Authorization = new("Bearer", token);
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return answer.StatusCode
            is not (
                HttpStatusCode.Unauthorized
                or HttpStatusCode.Forbidden
                or HttpStatusCode.NotFound
            );
    }

    private static IEnumerable<string> MethodsOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods
            ? methods
            : ["GET", "POST"];

    private static string PathOf(RoutePattern pattern) =>
        "/"
        + string.Join(
            '/',
            pattern.PathSegments.Select(segment =>
                string.Concat(
                    segment.Parts.Select(part =>
                        part is RoutePatternLiteralPart literal ? literal.Content : $"{Guid.Empty}"
                    )
                )
            )
        );
}
