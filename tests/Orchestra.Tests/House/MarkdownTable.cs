using System.Text.RegularExpressions;

namespace Orchestra.Tests.House;

/// <summary>The tables of our own documents, as far as tests read them.</summary>
internal static partial class MarkdownTable
{
    /// <summary>The rows of the first table below a heading, header and rule left out.</summary>
    public static IReadOnlyList<string[]> Below(string document, string heading)
    {
        var lines = Repository.Read(document).Split('\n');
        var start = Array.IndexOf(lines, heading);
        Assert.True(start >= 0, $"{document} has no heading '{heading}'");
        return
        [
            .. lines
                .Skip(start)
                .SkipWhile(line => !line.StartsWith('|'))
                .TakeWhile(line => line.StartsWith('|'))
                .Skip(2)
                .Select(Cells),
        ];
    }

    /// <summary>What stands between backticks.</summary>
    public static IEnumerable<string> Code(string cell) =>
        CodeSpan().Matches(cell).Select(match => match.Groups[1].Value);

    private static string[] Cells(string line) =>
        [.. line.Trim().Trim('|').Split('|').Select(cell => cell.Trim())];

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex CodeSpan();
}
