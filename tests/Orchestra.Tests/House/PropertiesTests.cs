using System.Text.RegularExpressions;

namespace Orchestra.Tests.House;

/// <summary>docs/properties.md names the tests of each property; this holds it to its word.</summary>
public sealed partial class PropertiesTests
{
    private const string Page = "docs/properties.md";

    private static readonly IReadOnlyList<string[]> Rows = MarkdownTable.Below(
        Page,
        "# What must hold"
    );

    private static readonly string Tests = string.Join(
        '\n',
        Repository
            .Files(".cs")
            .Where(path => path.StartsWith("tests/", StringComparison.Ordinal))
            .Select(Repository.Read)
    );

    [Fact]
    public void The_properties_are_P1_to_P22() =>
        Assert.Equal(
            Enumerable.Range(1, 22).Select(number => $"P{number}"),
            Rows.Select(row => row[0])
        );

    [Fact]
    public void Every_property_names_tests_or_the_stage_that_brings_them() =>
        Assert.All(
            Rows,
            row => Assert.True(NamesTests(row[2]).Any() || LaterIn(row[2]).Length > 0, row[0])
        );

    [Fact]
    public void Every_test_that_is_named_exists() =>
        Assert.All(
            Rows.SelectMany(row => NamesTests(row[2])),
            name => Assert.True(Exists(name), $"There is no test {name}")
        );

    [Fact]
    public void Every_test_with_a_number_is_named_in_that_row()
    {
        var named = Rows.ToDictionary(row => row[0], row => NamesTests(row[2]).ToHashSet());
        Assert.All(
            Numbered(Tests),
            test =>
                Assert.True(
                    named[test.Property].Contains(test.Class)
                        || named[test.Property].Contains($"{test.Class}.{test.Name}"),
                    $"{Page} does not name {test.Class}.{test.Name}"
                )
        );
    }

    [Fact]
    public void A_later_stage_is_one_of_the_stages()
    {
        var paragraph = Repository
            .Read(Page)
            .Split("\n\n")
            .Single(text => text.StartsWith("Stages:", StringComparison.Ordinal));
        var stages = MarkdownTable.Code(paragraph).ToHashSet();
        Assert.All(
            Rows.SelectMany(row => LaterIn(row[2])),
            stage => Assert.Contains(stage, stages)
        );
    }

    [Fact]
    public void A_test_that_is_not_there_is_noticed()
    {
        Assert.False(Exists("NoSuchTests"));
        Assert.False(Exists($"{nameof(PropertiesTests)}.No_such_test"));
        Assert.True(
            Exists($"{nameof(PropertiesTests)}.{nameof(A_test_that_is_not_there_is_noticed)}")
        );
    }

    /// <summary>Tests such as <c>P4_it_happens_once</c>, with the class that they stand in.</summary>
    private static IEnumerable<(string Property, string Class, string Name)> Numbered(string code)
    {
        var inClass = "";
        foreach (Match match in Declaration().Matches(code))
        {
            if (match.Groups["class"].Success)
                inClass = match.Groups["class"].Value;
            else
                yield return (match.Groups["p"].Value, inClass, match.Groups["test"].Value);
        }
    }

    private static IEnumerable<string> NamesTests(string cell) => MarkdownTable.Code(cell);

    private static string[] LaterIn(string cell)
    {
        var parts = cell.Split("later: ");
        return parts.Length == 2 ? parts[1].Split(", ") : [];
    }

    /// <summary>Whether a class is declared, and in it or below it the method.</summary>
    private static bool Exists(string name)
    {
        var parts = name.Split('.');
        var declaration = Regex.Match(Tests, $@"\bclass {parts[0]}\b");
        return declaration.Success
            && (
                parts.Length == 1
                || Regex.IsMatch(Tests[declaration.Index..], $@"\b(void|Task) {parts[1]}\(")
            );
    }

    [GeneratedRegex(
        @"^(?:\w+ )*class (?<class>\w+)|\b(?:void|Task) (?<test>(?<p>P\d+)_\w+)\(",
        RegexOptions.Multiline
    )]
    private static partial Regex Declaration();
}
