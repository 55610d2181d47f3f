using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Browsers;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Measuring;
using Orchestra.Tests.Protocol;
using PuppeteerSharp;
using PuppeteerSharp.Media;

namespace Orchestra.Tests.Overview;

/// <summary>The operators' page in a browser, of a silo on PostgreSQL with Redis; and what only PostgreSQL does.</summary>
public sealed class PageTests(MeasuredSilo measured) : IClassFixture<MeasuredSilo>, IAsyncLifetime
{
    private static readonly WaitForFunctionOptions Patience = new() { Timeout = 60_000 };

    private readonly List<string> complaints = [];
    private IBrowser? browser;
    private IPage page = null!;

    public async Task InitializeAsync()
    {
        if (BrowserFactAttribute.Program is not { } program)
            return;
        browser = await Puppeteer.LaunchAsync(
            new LaunchOptions
            {
                ExecutablePath = program,
                Args = ["--no-sandbox", "--disable-dev-shm-usage"],
            }
        );
        page = await browser.NewPageAsync();
        page.Console += (_, said) => complaints.Add($"{said.Message.Type}: {said.Message.Text}");
        page.PageError += (_, fault) => complaints.Add(fault.Message);
    }

    public async Task DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        Assert.Empty(complaints);
    }

    [BrowserFact]
    public async Task The_cluster_is_shown_and_fits_a_phone_in_light_and_in_dark()
    {
        await using var device = await measured.ConnectAsync();
        await page.GoToAsync(Address());
        await ExpectAsync("#state", "live");
        await ExpectAsync("#processes", "sync, gateway");
        await ExpectAsync("#tables", "sync_log");
        await page.WaitForFunctionAsync(
            "() => document.querySelector('#plots path').getAttribute('d')"
        );
        Assert.Equal(
            0,
            await page.EvaluateExpressionAsync<int>(
                "document.querySelectorAll('#trouble p').length"
            )
        );

        await page.SetViewportAsync(new ViewPortOptions { Width = 375, Height = 800 });
        foreach (var scheme in new[] { "light", "dark" })
        {
            await page.EmulateMediaFeaturesAsync([
                new() { MediaFeature = MediaFeature.PrefersColorScheme, Value = scheme },
            ]);
            Assert.Equal(
                scheme == "dark",
                await page.EvaluateExpressionAsync<bool>(
                    "/rgb\\((\\d+)/.exec(getComputedStyle(document.body).backgroundColor)[1] < 128"
                )
            );
            Assert.True(
                await page.EvaluateExpressionAsync<bool>(
                    "document.documentElement.scrollWidth <= innerWidth"
                )
            );
        }
    }

    [BrowserFact]
    public async Task A_device_is_looked_up_and_revoked()
    {
        await using var device = await measured.ConnectAsync();
        await page.GoToAsync(Address());
        await page.TypeAsync("#owner", $" {device.Owner.ToString().ToUpperInvariant()} ");
        await page.ClickAsync("#find button");
        await ExpectAsync("#one", $"{device.Owner}");
        await ExpectAsync("#one", "projects/");

        await page.EvaluateExpressionAsync(
            "[...document.querySelectorAll('#one button')].find(b => b.textContent == 'Revoke').click()"
        );
        await page.TypeAsync("#reason", "it was lost");
        await page.ClickAsync("#ask button[value=yes]");
        await device.Socket.ExpectErrorAsync(ErrorCode.DeviceRevoked);
        await ExpectAsync("#one", "revoked");
        await ExpectAsync("#one [role=status]", "Done.");
    }

    [BrowserFact]
    public async Task Who_does_not_exist_is_said_not_to()
    {
        await page.GoToAsync($"{Address()}#{Guid.NewGuid()}");
        await ExpectAsync("#one", "There is no such owner.");
        // The browser itself remarks on the answer.
        complaints.RemoveAll(said => said.Contains("404", StringComparison.Ordinal));
    }

    [Fact]
    public async Task P13_A_forced_reset_reaches_a_connected_device_and_loses_nothing()
    {
        await using var device = await measured.ConnectAsync();
        using var admin = new HttpClient { BaseAddress = measured.Silo.Admin };
        var shown = await admin.GetFromJsonAsync<JsonNode>($"overview/owners/{device.Owner}");
        using var answer = await admin.PostAsJsonAsync(
            $"overview/owners/{device.Owner}/reset",
            new { reason = "a test" }
        );
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);

        var reset = await device.Socket.ExpectAsync<ResetMessage>();
        Assert.NotEqual(device.Epoch, reset.Epoch);
        // All that it had still stands.
        Assert.Equal((long)shown!["head"]!["version"]!, reset.Kept);
    }

    [Fact]
    public async Task What_devices_write_is_in_the_next_report()
    {
        using var admin = new HttpClient { BaseAddress = measured.Silo.Admin };
        await using var device = await measured.ConnectAsync();
        var id = Guid.NewGuid();
        // One is the fixture's.
        var before = await CountAsync(seen => seen.Rejections >= 1);
        await device.PushAsync(Edits.Project(id), Edits.Create("nothing", Guid.NewGuid()));
        var after = await CountAsync(seen => seen.Rejections > before.Rejections);
        Assert.Equal(before.Rejections + 1, after.Rejections);
        Assert.Equal(1, after.Processes);

        async Task<(double Rejections, int Processes)> CountAsync(
            Func<(double Rejections, int Processes), bool> isSeen
        )
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (true)
            {
                var shown = await admin.GetFromJsonAsync<JsonNode>("overview/data");
                var seen = (
                    shown!["moments"]!
                        .AsArray()
                        .Sum(moment =>
                            (double?)moment!["values"]!["orchestra.rejections|unknown_entity"] ?? 0
                        ),
                    shown["processes"]!.AsArray().Count
                );
                if (isSeen(seen))
                    return seen;
                await Task.Delay(200, patience.Token);
            }
        }
    }

    private string Address() => new Uri(measured.Silo.Admin, "overview").ToString();

    private async Task ExpectAsync(string where, string text) =>
        await page.WaitForFunctionAsync(
            "(where, text) => document.querySelector(where)?.innerText.includes(text)",
            Patience,
            where,
            text
        );
}
