using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestra.Tests.House;
using YamlDotNet.RepresentationModel;

namespace Orchestra.Tests.Measuring;

/// <summary>The queries in <c>deploy/</c>, as far as tests understand them.</summary>
internal static partial class MetricQueries
{
    public const string AlertFile = "deploy/prometheus/alerts.yaml";
    public const string DashboardFile = "deploy/grafana/orchestra.json";

    /// <summary>What Prometheus itself has of every target.</summary>
    private const string Up = "up";

    /// <summary>Given by whoever scrapes, not by us; le is that of a histogram's buckets.</summary>
    private static readonly string[] OthersLabels = ["job", "instance", "le"];

    private static readonly string[] Words = ["and", "or", "unless", "offset", "bool"];

    public static IEnumerable<string> All() =>
        Alerts().Select(alert => alert.Query).Concat(OfDashboard());

    public static IReadOnlyList<Alert> Alerts()
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(Repository.Read(AlertFile)));
        return
        [
            .. from groups in Items(yaml.Documents[0].RootNode["groups"])
            from rule in Items(groups["rules"])
            select new Alert(
                $"{rule["alert"]}",
                $"{rule["expr"]}",
                $"{rule["annotations"]["runbook"]}",
                $"{rule["annotations"]["summary"]}"
            ),
        ];
    }

    /// <summary>Metrics, and labels of them, that a scrape does not have.</summary>
    public static IEnumerable<string> FaultsOf(string query, Scrape scrape)
    {
        var metrics = MetricsOf(query).ToList();
        if (metrics.Count == 0)
            yield return "no metric";
        foreach (var (metric, labels) in metrics.Where(it => it.Metric != Up))
            if (!scrape.Names.Contains(metric))
                yield return metric;
            else
                foreach (var (label, value) in labels)
                    if (!OthersLabels.Contains(label) && !scrape.Has(metric, label, value))
                        yield return $"{metric}{{{label}={value}}}";
    }

    private static IEnumerable<(
        string Metric,
        IReadOnlyList<(string Label, string Value)> Labels
    )> MetricsOf(string query) =>
        from match in Selector().Matches(Grouping().Replace(query, " ")).Cast<Match>()
        where !Words.Contains(match.Groups["name"].Value)
        select (
            match.Groups["name"].Value,
            (IReadOnlyList<(string, string)>)
                [
                    .. Matcher()
                        .Matches(match.Groups["labels"].Value)
                        .Select(it => (it.Groups[1].Value, it.Groups[2].Value)),
                ]
        );

    private static IEnumerable<string> OfDashboard()
    {
        using var json = JsonDocument.Parse(Repository.Read(DashboardFile));
        return
        [
            .. from panel in json.RootElement.GetProperty("panels").EnumerateArray()
            where panel.TryGetProperty("targets", out _)
            from target in panel.GetProperty("targets").EnumerateArray()
            select target.GetProperty("expr").GetString(),
        ];
    }

    private static IEnumerable<YamlNode> Items(YamlNode node) => (YamlSequenceNode)node;

    [GeneratedRegex(@"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)|\[[^\]]*\]")]
    private static partial Regex Grouping();

    /// <summary>A name that is no function, with what is asked of its labels.</summary>
    [GeneratedRegex(@"(?<![\w""$])(?<name>[a-z_][a-z0-9_]*)\b(?!\s*\()(\{(?<labels>[^}]*)\})?")]
    private static partial Regex Selector();

    [GeneratedRegex("(\\w+)=\"([^\"]*)\"")]
    private static partial Regex Matcher();
}

/// <param name="Name">What it is called.</param>
/// <param name="Query">When it is.</param>
/// <param name="Runbook">The page that says what to do.</param>
/// <param name="Summary">A sentence.</param>
internal sealed record Alert(string Name, string Query, string Runbook, string Summary);
