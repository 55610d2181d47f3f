using System.Net;
using System.Text;
using Orchestra.Tests.Events;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Silo;

/// <summary>A developer's silo asks nobody who he is, and so answers to its own machine's names only.</summary>
[Collection(nameof(SharedSilo))]
public sealed class DeveloperTests(SharedSilo shared)
{
    [Theory]
    [InlineData("/dashboard")]
    [InlineData("/events")]
    [InlineData("/health/ready")]
    public async Task A_name_that_was_made_to_mean_this_machine_opens_nothing(string path)
    {
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(path, null));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(path, "localhost"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(path, "evil.example"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(path, "127.0.0.1.evil.example"));
    }

    [Theory]
    [InlineData("SiloProperties")]
    [InlineData("HistoricalStats")]
    [InlineData("SiloCounters")]
    public async Task The_dashboard_knows_no_other_silos_and_does_not_tell_why(string page)
    {
        using var http = new HttpClient { BaseAddress = shared.Silo.Admin };
        using var answer = await http.GetAsync($"/dashboard/{page}/x");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("{}", "application/json; charset=bogus")]
    [InlineData("{\"user\":1}", "application/json")]
    [InlineData("[", "text/plain")]
    [InlineData("", "application/json")]
    public async Task Nonsense_gets_no_token(string body, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/dev/token")
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)),
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        var answer = await HttpAnswer.OfAsync(await shared.Silo.Http.SendAsync(request));
        Assert.InRange((int)answer.Status, 400, 499);
        Assert.Contains(answer.Error.Code, new[] { "malformed", "invalid_value" });
    }

    private async Task<HttpStatusCode> StatusAsync(string path, string? host)
    {
        using var http = new HttpClient { BaseAddress = shared.Silo.Admin };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = host;
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return answer.StatusCode;
    }
}
