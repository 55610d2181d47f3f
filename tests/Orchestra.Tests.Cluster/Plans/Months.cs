using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestra.Tests.Cluster.Plans;

/// <summary>Which months of the log a statement asks for, and which it opens.</summary>
internal static partial class Months
{
    private const string Prefix = "sync_log_";

    public static bool IsBounded(ExplainedStatement statement) =>
        statement.Sql.Contains("created_at >=", StringComparison.Ordinal);

    /// <summary>The partitions in a plan, executed or not.</summary>
    public static IReadOnlyList<string> Opened(ExplainedStatement statement) =>
        [
            .. statement
                .Nodes.Where(node => node.TextOf("Schema") == "orchestra_log")
                .Select(node => node.TextOf("Relation Name")!)
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Those that the bounds in a custom plan's own conditions leave.</summary>
    public static IReadOnlyList<string> AskedFor(ExplainedStatement statement)
    {
        var text = statement.Plan.GetRawText();
        var (from, until) = (TimeOf(From().Match(text)), TimeOf(Until().Match(text)));
        var months = new List<string>();
        for (var month = from; month < until; month = month.AddMonths(1))
            months.Add(Prefix + month.ToString("yyyy_MM", CultureInfo.InvariantCulture));
        return months;
    }

    private static DateTimeOffset TimeOf(Match match)
    {
        Assert.True(match.Success, "The plan has no bound on created_at");
        return DateTimeOffset.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"created_at >= '([-0-9 :+]+)'")]
    private static partial Regex From();

    [GeneratedRegex(@"created_at < '([-0-9 :+]+)'")]
    private static partial Regex Until();
}
