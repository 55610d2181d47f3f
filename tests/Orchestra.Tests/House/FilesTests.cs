using System.Text.RegularExpressions;

namespace Orchestra.Tests.House;

public sealed partial class FilesTests
{
    private const int MaxLines = 500;

    // In two halves, or this file would find itself.
    private static readonly string[] Unfinished = ["TO" + "DO", "FIX" + "ME", "HA" + "CK:"];

    private static IEnumerable<string> Written =>
        Repository.Files(".cs", ".md", ".sql", ".sh", ".csproj", ".props", ".yml", ".yaml");

    [Fact]
    public void No_file_is_longer_than_a_person_reads() =>
        Assert.DoesNotContain(
            Written,
            path => File.ReadLines(Path.Combine(Repository.Root, path)).Count() > MaxLines
        );

    [Fact]
    public void Nothing_is_left_unfinished() =>
        Assert.DoesNotContain(
            Written,
            path =>
                Unfinished.Any(word =>
                    Repository.Read(path).Contains(word, StringComparison.Ordinal)
                )
        );

    [Fact]
    public void Every_link_between_documents_leads_somewhere()
    {
        foreach (var path in Repository.Files(".md"))
        {
            var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, path))!;
            foreach (Match link in RelativeLink().Matches(Repository.Read(path)))
            {
                var target = Path.Combine(folder, link.Groups[1].Value);
                Assert.True(Path.Exists(target), $"{path} links to {link.Groups[1].Value}");
            }
        }
    }

    [GeneratedRegex(@"\]\(([^)#:]+)(#[^)]*)?\)")]
    private static partial Regex RelativeLink();
}
