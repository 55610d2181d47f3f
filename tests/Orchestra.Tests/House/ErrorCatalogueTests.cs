using Orchestra.Gateway.Errors;
using Orchestra.Sync.Errors;

namespace Orchestra.Tests.House;

public sealed class ErrorCatalogueTests
{
    private static readonly IReadOnlyList<string[]> Documented = MarkdownTable.Below(
        "docs/protocol.md",
        "## Errors"
    );

    [Fact]
    public void Every_code_is_documented_once_and_no_other() =>
        Assert.Equal(
            Enum.GetValues<ErrorCode>().Select(code => code.Name()).Order(),
            Documented.Select(NameIn).Order()
        );

    [Fact]
    public void The_documented_retry_is_the_catalogue_s()
    {
        foreach (var row in Documented)
        {
            Assert.True(ErrorCatalogue.TryParse(NameIn(row), out var code));
            Assert.True(
                (code.IsRetryable() ? "yes" : "no") == row[1],
                $"{NameIn(row)}: the catalogue says {code.IsRetryable()}, the page {row[1]}"
            );
        }
    }

    [Fact]
    public void The_documented_statuses_are_the_gateway_s()
    {
        foreach (var row in Documented)
        {
            Assert.True(ErrorCatalogue.TryParse(NameIn(row), out var code));
            var (http, close) = ErrorTable.For(code);
            Assert.Equal(close is null ? $"{http}" : $"{http}, {close}", row[2]);
        }
    }

    [Fact]
    public void Every_code_says_what_it_means_and_what_to_do() =>
        Assert.All(Documented, row => Assert.True(row.Length == 5 && row[3] != "" && row[4] != ""));

    private static string NameIn(string[] row) => Assert.Single(MarkdownTable.Code(row[0]));
}
