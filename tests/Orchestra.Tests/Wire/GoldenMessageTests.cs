using System.Text;
using System.Text.RegularExpressions;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Wire;
using Orchestra.Tests.House;

namespace Orchestra.Tests.Wire;

public sealed partial class GoldenMessageTests
{
    private static readonly WireCoverage Coverage = WireCoverage.Of(
        GoldenMessage.All.Select(golden => golden.Read())
    );

    public static TheoryData<string> Names => new(GoldenMessage.All.Select(golden => golden.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void It_is_read_and_written_again_byte_for_byte(string name)
    {
        var golden = new GoldenMessage(name);
        Assert.Equal(golden.Text, Encoding.UTF8.GetString(GoldenMessage.Write(golden.Read())));
    }

    [Fact]
    public void Every_shape_of_the_wire_is_in_one() =>
        Assert.Empty(WireCoverage.Shapes.Except(Coverage.Seen));

    [Fact]
    public void Every_member_is_there_in_one_and_every_optional_one_absent_in_another()
    {
        Assert.Empty(WireCoverage.Members.Except(Coverage.Present).Select(item => item.ToString()));
        Assert.Empty(WireCoverage.Optional.Except(Coverage.Absent).Select(item => item.ToString()));
    }

    [Fact]
    public void Every_constant_is_in_one()
    {
        AssertAll<DeviceKind>();
        AssertAll<ChangeOp>();
        AssertAll<ChangeStatus>();
        AssertAll<ConflictVerdict>();
        AssertAll<ResetReason>();
        AssertAll<WireOp>();
        AssertAll<FieldType>();
        AssertAll<ContentState>();
        AssertAll<FieldValueKind>();
    }

    [Fact]
    public void The_pages_refer_to_each()
    {
        var page = string.Concat(
            new[] { "protocol", "contents", "search" }.Select(name =>
                Repository.Read($"docs/{name}.md")
            )
        );
        Assert.All(
            GoldenMessage.All,
            golden => Assert.Contains($"(golden/{golden.Name})", page, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void The_examples_in_protocol_md_are_among_them()
    {
        var known = GoldenMessage.All.ToLookup(golden => golden.Text);
        var examples = Example().Matches(Repository.Read("docs/protocol.md"));
        Assert.NotEmpty(examples);
        Assert.All(examples, match => Assert.NotEmpty(known[OnOneLine(match.Groups[1].Value)]));
    }

    /// <summary>The examples are broken into lines between tokens only.</summary>
    private static string OnOneLine(string example) =>
        string.Concat(example.Split('\n').Select(line => line.Trim()));

    private static void AssertAll<T>()
        where T : struct, Enum =>
        Assert.Empty(Enum.GetValues<T>().Cast<object>().Except(Coverage.Constants));

    [GeneratedRegex("^```json\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Example();
}
