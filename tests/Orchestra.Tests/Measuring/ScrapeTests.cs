using System.Text.RegularExpressions;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Measuring;

/// <summary>What operators see of a silo in numbers and traces, and what they see when something fails.</summary>
public sealed partial class ScrapeTests(MeasuredSilo measured) : IClassFixture<MeasuredSilo>
{
    [Fact]
    public async Task Every_metric_of_the_dashboard_and_of_the_alerts_is_there()
    {
        var scrape = await measured.ScrapeAsync();
        var missing = MetricQueries
            .All()
            .SelectMany(query =>
                MetricQueries.FaultsOf(query, scrape).Select(it => $"{it}: {query}")
            );
        Assert.Empty(missing);
    }

    [Fact]
    public async Task What_devices_do_is_counted()
    {
        await using var device = await measured.ConnectAsync();
        var before = await measured.ScrapeAsync();
        var id = Guid.NewGuid();
        var row = (await device.PushAsync(Edits.Project(id)))[0].Version!.Value;
        await device.PushAsync(
            Edits.Update("projects", id, row, ("name", Edits.Text("one"))),
            Edits.Create("nothing", Guid.NewGuid())
        );
        var after = await measured.ScrapeUntilAsync(scrape =>
            scrape.Sum("orchestra_commits_total") >= before.Sum("orchestra_commits_total") + 2
        );

        Assert.Equal(2, Difference("orchestra_changes_total"));
        Assert.Equal(1, Difference("orchestra_rejections_total", "code", "unknown_entity"));
        Assert.Equal(2, Difference("orchestra_gateway_messages_total", "type", "push"));
        Assert.Equal(2, Difference("orchestra_push_duration_seconds_count"));
        Assert.Equal(1, after.Sum("orchestra_gateway_connections"));
        Assert.Equal(1, after.Sum("orchestra_gateway_devices"));
        Assert.Equal(1, after.Sum("orchestra_gateway_owners"));
        Assert.Equal(1, after.Sum("orchestra_cluster_silos"));

        double? Difference(string name, string label = "", string value = "") =>
            after.Sum(name, label, value) - before.Sum(name, label, value);
    }

    [Fact]
    public async Task No_label_says_who()
    {
        await using var device = await measured.ConnectAsync();
        Assert.DoesNotMatch(Uuid(), (await measured.ScrapeAsync()).Text);
    }

    [Fact]
    public async Task A_push_is_one_trace_from_the_gateway_to_PostgreSQL()
    {
        await using var device = await measured.ConnectAsync();
        var before = measured.Collector.Spans.Select(span => span.Trace).ToHashSet();
        var id = Guid.NewGuid();
        await device.PushAsync(Edits.Project(id));
        var trace = await FindAsync(before);

        var push = Assert.Single(trace, span => span.Name == "push");
        Assert.Empty(push.Parent);
        var query = Assert.Single(
            trace,
            span => span.Scope == "Npgsql" && IsBelow(span, "write", trace)
        );
        Assert.Equal(
            ["write", "commit", "ISyncGrain/Push", "ISyncGrain/Push", "push"],
            Above(query, trace).Select(span => span.Name)
        );
        Guid[] ids = [id, device.Owner.Value, device.Device.Id.Value];
        Assert.DoesNotContain(
            trace.SelectMany(span => span.Texts),
            text => ids.Any(it => text.Contains($"{it}") || text.Contains($"{it:N}"))
        );
        Assert.True(measured.Collector.Count("metrics") > 0);
    }

    /// <summary>Two faults after each other, for each costs a while.</summary>
    [Fact]
    public async Task A_database_that_stands_still_and_a_Redis_that_is_gone_are_seen()
    {
        await measured.Redis.KillAsync();
        await measured.ScrapeUntilAsync(scrape => scrape.Sum("orchestra_redis_up") == 0);
        await measured.Redis.RestartAsync();
        await measured.ScrapeUntilAsync(scrape => scrape.Sum("orchestra_redis_up") == 1);

        await measured.Postgres.SuspendAsync();
        await measured.ScrapeUntilAsync(scrape => scrape.Sum("orchestra_store_up") == 0);
        using (var http = new HttpClient { BaseAddress = measured.Silo.Admin })
        {
            var said = await http.GetStringAsync("/health/ready");
            Assert.StartsWith("Degraded", said, StringComparison.Ordinal);
            Assert.Contains("The store does not answer", said, StringComparison.Ordinal);
        }
        await measured.Postgres.ResumeAsync();
        await measured.ScrapeUntilAsync(scrape => scrape.Sum("orchestra_store_up") == 1);
    }

    /// <summary>Waits for the trace of a push that is not one of those.</summary>
    private async Task<List<Span>> FindAsync(HashSet<string> others)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            var spans = measured.Collector.Spans.ToList();
            if (spans.Find(it => it.Name == "push" && !others.Contains(it.Trace)) is { } push)
                return spans.FindAll(span => span.Trace == push.Trace);
            Assert.True(
                await timer.WaitForNextTickAsync(patience.Token),
                string.Join('\n', spans.Select(span => span.Name).Distinct())
            );
        }
    }

    private static bool IsBelow(Span span, string name, List<Span> trace) =>
        trace.Exists(it => it.Id == span.Parent && it.Name == name);

    private static IEnumerable<Span> Above(Span span, List<Span> trace)
    {
        while (trace.Find(it => it.Id == span.Parent) is { } parent)
            yield return span = parent;
    }

    [GeneratedRegex("[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")]
    private static partial Regex Uuid();
}
