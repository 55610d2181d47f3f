using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestra.Tests.Measuring;

/// <summary>What a silo's <c>/metrics</c> said.</summary>
/// <param name="text">As it was.</param>
internal sealed partial class Scrape(string text)
{
    private readonly List<Series> all =
    [
        .. text.Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => SeriesLine().Match(line))
            .Select(match => new Series(
                match.Groups["name"].Value,
                Label()
                    .Matches(match.Groups["labels"].Value)
                    .ToDictionary(label => label.Groups[1].Value, label => label.Groups[2].Value),
                double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture)
            )),
    ];

    public string Text => text;

    public IEnumerable<string> Names => all.Select(series => series.Name).Distinct();

    public bool Has(string name, string label, string value) =>
        all.Exists(series =>
            series.Name == name && series.Labels.GetValueOrDefault(label) == value
        );

    /// <summary>The sum of all that have a name; null = there are none.</summary>
    public double? Sum(string name, string label = "", string value = "")
    {
        var found = all.Where(series =>
                series.Name == name && series.Labels.GetValueOrDefault(label, "") == value
            )
            .ToList();
        return found.Count == 0 ? null : found.Sum(series => series.Value);
    }

    [GeneratedRegex("""^(?<name>\w+)(\{(?<labels>.*)\})? (?<value>\S+)""")]
    private static partial Regex SeriesLine();

    [GeneratedRegex("(\\w+)=\"([^\"]*)\"")]
    private static partial Regex Label();

    private sealed record Series(string Name, Dictionary<string, string> Labels, double Value);
}
