using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Orchestra.Sync;

namespace Orchestra.Tests.House;

public sealed class LimitsTests
{
    [Fact]
    public void The_documented_limits_are_those_in_the_code()
    {
        var inCode = typeof(Limits)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .ToDictionary(
                field => JsonNamingPolicy.SnakeCaseLower.ConvertName(field.Name),
                field => Convert.ToString(field.GetRawConstantValue(), CultureInfo.InvariantCulture)
            );
        var documented = MarkdownTable
            .Below("docs/protocol.md", "## Limits")
            .ToDictionary(row => Assert.Single(MarkdownTable.Code(row[0])), row => (string?)row[1]);
        Assert.Equal(inCode.OrderBy(pair => pair.Key), documented.OrderBy(pair => pair.Key));
    }
}
