using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Events;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Overview;

/// <summary>What operators see of the cluster and of one owner, and what they can do for him.</summary>
[Collection(nameof(SharedSilo))]
public sealed class OverviewTests : IDisposable
{
    private readonly OwnerId owner = SharedServer.NewOwner();
    private readonly RunningSilo silo;
    private readonly HttpClient admin;

    public OverviewTests(SharedSilo shared)
    {
        silo = shared.Silo;
        admin = new HttpClient { BaseAddress = silo.Admin };
    }

    public void Dispose() => admin.Dispose();

    [Fact]
    public async Task An_owner_s_counters_devices_log_and_conflicts_are_shown_and_no_value()
    {
        await using var desk = await RawDevice.ConnectAsync(silo, owner);
        await using var phone = await RawDevice.ConnectAsync(silo, owner);
        var id = Guid.NewGuid();
        var row = (await desk.PushAsync(Edits.Project(id, "secret")))[0].Version!.Value;
        await desk.PushAsync(Edits.Update("projects", id, row, ("name", Edits.Text("secret"))));
        var late = Edits.Update("projects", id, row, ("name", Edits.Text("secret"))) with
        {
            AgeMs = 3_600_000,
        };
        var version = (await phone.PushAsync(late))[0].Version!.Value;

        var shown = await ReadAsync($"overview/owners/{owner}");
        Assert.DoesNotContain("secret", shown.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(version, (long)shown["head"]!["version"]!);
        Assert.Equal(
            new[] { desk.Device.Id.ToString(), phone.Device.Id.ToString() }.Order(),
            shown["devices"]!.AsArray().Select(device => $"{device!["id"]}").Order()
        );
        var newest = shown["log"]![0]!;
        Assert.Equal(
            (version, $"projects/{id}", "name"),
            ((long)newest["version"]!, $"{newest["row"]}", $"{newest["fields"]![0]}")
        );
        var lost = shown["conflicts"]![0]!;
        Assert.Equal(
            ("superseded", phone.Device.Id.ToString(), "name"),
            ($"{lost["verdict"]}", $"{lost["device"]}", $"{lost["fields"]![0]}")
        );
    }

    [Fact]
    public async Task Nobody_becomes_an_owner_by_being_looked_up()
    {
        var nobody = $"overview/owners/{owner}";
        using var first = await admin.GetAsync(nobody);
        Assert.Equal(HttpStatusCode.NotFound, first.StatusCode);
        foreach (var what in new[] { "verify", "reset", $"devices/{Guid.NewGuid()}/revoke" })
            Assert.Equal(HttpStatusCode.NotFound, await AskAsync(what));
        using var again = await admin.GetAsync(nobody);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Fact]
    public async Task A_revoked_device_is_out_at_once_and_the_log_says_who_asked_and_why()
    {
        await using var device = await RawDevice.ConnectAsync(silo, owner);
        Assert.Equal(
            HttpStatusCode.NoContent,
            await AskAsync($"devices/{device.Device.Id}/revoke", "it was stolen")
        );
        await device.Socket.ExpectErrorAsync(ErrorCode.DeviceRevoked);
        Assert.Contains(
            silo.Log,
            line =>
                line.Contains("it was stolen", StringComparison.Ordinal)
                && line.Contains($"{owner}", StringComparison.Ordinal)
        );
        var shown = await ReadAsync($"overview/owners/{owner}");
        Assert.NotNull(shown["devices"]![0]!["revokedAt"]);
    }

    [Fact]
    public async Task An_owner_is_verified()
    {
        await using var device = await RawDevice.ConnectAsync(silo, owner);
        var version = (await device.PushAsync(Edits.Project()))[0].Version!.Value;
        using var answer = await PostAsync("verify", "a test");
        var verdict = await answer.Content.ReadFromJsonAsync<JsonNode>();
        Assert.Equal((true, version), ((bool)verdict!["isWell"]!, (long)verdict["at"]!));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("two\nlines")]
    public async Task Without_a_reason_nothing_is_done(string reason)
    {
        await using var device = await RawDevice.ConnectAsync(silo, owner);
        var what = $"devices/{device.Device.Id}/revoke";
        Assert.Equal(HttpStatusCode.BadRequest, await AskAsync(what, reason));
        Assert.Equal(HttpStatusCode.BadRequest, await AskAsync(what, new string('x', 201)));
        await device.PushAsync(Edits.Project());
    }

    /// <summary>What a foreign page's form can send without asking is not taken.</summary>
    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data")]
    public async Task Only_JSON_does_anything(string type)
    {
        await using var device = await RawDevice.ConnectAsync(silo, owner);
        using var body = new StringContent("""{"reason":"a form"}""", Encoding.UTF8, type);
        using var answer = await admin.PostAsync(
            $"overview/owners/{owner}/devices/{device.Device.Id}/revoke",
            body
        );
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        await device.PushAsync(Edits.Project());
    }

    [Fact]
    public async Task What_is_no_JSON_is_refused()
    {
        using var body = new StringContent("{", Encoding.UTF8, "application/json");
        using var answer = await admin.PostAsync($"overview/owners/{owner}/verify", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task The_page_runs_only_scripts_of_its_own()
    {
        using var page = await admin.GetAsync("");
        Assert.EndsWith("/overview", page.RequestMessage!.RequestUri!.AbsolutePath);
        var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
    }

    private async Task<JsonNode> ReadAsync(string path) =>
        (await admin.GetFromJsonAsync<JsonNode>(path))!;

    private Task<HttpResponseMessage> PostAsync(string what, string reason) =>
        admin.PostAsJsonAsync($"overview/owners/{owner}/{what}", new { reason });

    private async Task<HttpStatusCode> AskAsync(string what, string reason = "a test")
    {
        using var answer = await PostAsync(what, reason);
        return answer.StatusCode;
    }
}
