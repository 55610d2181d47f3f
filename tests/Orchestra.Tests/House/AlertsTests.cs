using System.Text.RegularExpressions;
using Orchestra.Tests.Measuring;

namespace Orchestra.Tests.House;

/// <summary>Whoever is called at night finds out what it is about.</summary>
public sealed partial class AlertsTests
{
    private const string OnCall = "deploy/on-call.md";
    private const string Alert = "### ";

    [Fact]
    public void Each_alert_has_its_page_and_each_page_its_alert() =>
        Assert.Equal(
            MetricQueries.Alerts().Select(alert => alert.Name).Order(StringComparer.Ordinal),
            Pages().Select(page => page.Name).Order(StringComparer.Ordinal)
        );

    [Fact]
    public void Each_alert_names_its_page() =>
        Assert.All(
            MetricQueries.Alerts(),
            alert => Assert.Equal($"{OnCall}#{alert.Name.ToLowerInvariant()}", alert.Runbook)
        );

    [Fact]
    public void Each_page_says_what_it_means_how_to_see_it_and_what_cures_it() =>
        Assert.All(
            Pages(),
            page =>
                Assert.All(
                    new[] { "**Means**", "**See**", "**Cure**" },
                    part => Assert.Contains(part, page.Text, StringComparison.Ordinal)
                )
        );

    [Theory]
    [InlineData("rate(orchestra_nothing_total[1m]) > 0", "orchestra_nothing_total")]
    [InlineData("sum by (le) (a_bucket{job=\"x\"})", "a_bucket")]
    [InlineData("up == 0 or max(b offset 2m) > 1", "b")]
    [InlineData("c{kind=\"of none\"} > 1", "c{kind=of none}")]
    public void A_metric_that_there_is_none_of_would_be_seen(string query, string fault) =>
        Assert.Equal([fault], MetricQueries.FaultsOf(query, new Scrape("c{kind=\"one\"} 1")));

    private static IEnumerable<(string Name, string Text)> Pages() =>
        Heading()
            .Split(Repository.Read(OnCall))
            .Where(part => part.StartsWith(Alert, StringComparison.Ordinal))
            .Select(part => (part[Alert.Length..].Split('\n')[0], part));

    [GeneratedRegex("^(?=##)", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
