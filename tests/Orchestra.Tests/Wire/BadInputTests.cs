using System.Text;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Tests.Wire;

public sealed class BadInputTests
{
    private const string Id = "0f6c5a3e-8b1d-4c2f-a7e9-3d5b1f2c4a68";

    /// <summary>What is wrong, the message, and the place that the error names.</summary>
    public static TheoryData<string, string, string?> Malformed =>
        new()
        {
            { "nothing", "", "$" },
            { "white space", " \n", "$" },
            { "not JSON", "hello", "$" },
            { "truncated", """{"t":"ping","ref":""", "$" },
            { "truncated in text", """{"t":"pi""", "$.t" },
            { "two messages", """{"t":"ping"}{"t":"ping"}""", "$" },
            { "trailing comma", """{"t":"ping",}""", "$" },
            { "a comment", """{"t":"ping"/* */}""", "$" },
            { "a byte order mark", "\ufeff{\"t\":\"ping\"}", "$" },
            { "the character NUL", "{\"t\":\"ping\",\0}", "$" },
            { "the root is null", "null", null },
            { "the root is a list", """[{"t":"ping"}]""", "$" },
            { "the root is text", "\"ping\"", "$" },
            { "the root is a number", "1", "$" },
            { "no type", """{"ref":1}""", "t" },
            { "an empty object", "{}", "t" },
            { "the type is a number", """{"t":1}""", "$" },
            { "the type is null", """{"t":null}""", "$.t" },
            { "the type is an object", """{"t":{}}""", "$.t" },
            { "the type twice", """{"t":"ping","t":"ping"}""", "$.t" },
            { "two types", """{"t":"ping","t":"ack"}""", "$.t" },
            { "a name in another case", """{"t":"token","Token":"x"}""", "$" },
            { "a member twice", """{"t":"ping","ref":1,"ref":1}""", "$.ref" },
            { "a member twice, escaped", """{"t":"ping","ref":1,"r\u0065f":1}""", "$.ref" },
            { "a reserved name", """{"t":"ping","$id":"1"}""", "$.$id" },
            { "a number as text", """{"t":"ping","ref":"1"}""", "$.ref" },
            { "a fraction", """{"t":"ping","ref":1.0}""", "$.ref" },
            { "an exponent", """{"t":"ping","ref":1e2}""", "$.ref" },
            { "beyond 63 bits", """{"t":"ping","ref":9223372036854775808}""", "$.ref" },
            { "a leading zero", """{"t":"ping","ref":01}""", "$" },
            { "not a number", """{"t":"ping","ref":NaN}""", "$" },
            { "a lone surrogate in a name", """{"t":"ping","\ud800":1}""", "$" },
            { "a lone surrogate as type", """{"t":"\ud800"}""", "$.t" },
            { "a lone surrogate as token", """{"t":"token","token":"\udc00"}""", "$.token" },
            { "no token", """{"t":"token"}""", "$" },
            { "the token is null", """{"t":"token","token":null}""", "$.token" },
            { "no state", """{"t":"presence"}""", "$" },
            { "a lone surrogate in a state", State("""["\ud800"]"""), "$.state" },
            { "a member of a state twice", State("""{"a":1,"a":1}"""), "$.state" },
            { "a number of a state too large", State("1e400"), "$.state" },
            { "a list that is text", Verify("\"projects\""), "$.entities" },
            { "null in a list of names", Verify("[null]"), "$" },
            { "null in a list of changes", Push("null"), "$" },
            { "null in a list of pairs", Change(""", "first":[null] """), "$.changes[0]" },
            { "a change is a list", Push("[]"), "$.changes[0]" },
            { "no op", Push($$"""{"seq":1,"change":"{{Id}}"}"""), "$.changes[0]" },
            { "the op in another case", Op("\"Update\""), "$.changes[0].op" },
            { "the op as a number", Op("1"), "$.changes[0].op" },
            { "the op as text of a number", Op("\"1\""), "$.changes[0].op" },
            { "two ops", Op("\"create,update\""), "$.changes[0].op" },
            { "an unknown op", Op("\"upsert\""), "$.changes[0].op" },
            { "an id in upper case", ChangeId(Id.ToUpperInvariant()), "$.changes[0].change" },
            { "an id in braces", ChangeId($"{{{Id}}}"), "$.changes[0].change" },
            { "an id without hyphens", ChangeId(Id.Replace("-", "")), "$.changes[0].change" },
            { "an id as a URN", ChangeId($"urn:uuid:{Id}"), "$.changes[0].change" },
            { "an id in white space", ChangeId($" {Id} "), "$.changes[0].change" },
            { "an empty id", ChangeId(""), "$.changes[0].change" },
            { "fields are a list", Fields("[]"), "$.changes[0].fields" },
            { "a field twice", Fields("""{"a":1,"a":2}"""), "$.changes[0].fields.a" },
            { "a member of a value twice", Value("""{"b":1,"b":2}"""), "$.changes[0].fields.a" },
            { "the same, deeper", Value("""[[{"b":1,"\u0062":2}]]"""), "$.changes[0].fields.a" },
            { "a number too large", Value("1e400"), "$.changes[0].fields.a" },
            { "a number that explodes", Value("-1e100000"), "$.changes[0].fields.a" },
            { "the same in a value", Value("""{"b":[1e100000]}"""), "$.changes[0].fields.a" },
            { "a lone surrogate", Value("\"\\ud800\""), "$.changes[0].fields.a" },
            { "the same in a value", Value("""["\udc00"]"""), "$.changes[0].fields.a" },
            { "the same as a member", Value("""{"\ud800":1}"""), "$.changes[0].fields.a" },
            { "the same as a field", Fields("""{"\ud800":1}"""), "$.changes[0].fields" },
            { "a line feed in text", Value("\"a\nb\""), "$" },
            {
                "wrong at the allowed depth",
                $$"""{"t":"ping","ref":"","x":{{Nest(31, "1")}}}""",
                "$.ref"
            },
        };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Is_malformed_and_the_error_says_where(string what, string message, string? place)
    {
        var error = ErrorOf(message);
        Assert.True(error.Code == ErrorCode.Malformed, $"{what}: {error.Code}");
        Assert.Equal(place, error.Field);
    }

    [Theory]
    [InlineData("an overlong encoding", new byte[] { 0xc0, 0xaf })]
    [InlineData("half a character", new byte[] { 0xe2, 0x82 })]
    [InlineData("a surrogate in UTF-8", new byte[] { 0xed, 0xa0, 0x80 })]
    [InlineData("a byte that UTF-8 never has", new byte[] { 0xff })]
    public void Invalid_UTF_8_is_malformed(string what, byte[] inText)
    {
        byte[] message = [.. """{"t":"token","token":" """u8, .. inText, .. "\"}"u8];
        var error = Assert.Throws<SyncException>(() => WireCodec.ReadClientMessage(message));
        Assert.True(error.Code == ErrorCode.Malformed, what);
    }

    [Theory]
    [InlineData("""{"t":"subscribe"}""")]
    [InlineData("""{"t":"Ping"}""")]
    [InlineData("""{"t":""}""")]
    [InlineData("""{"t":"welcome"}""")]
    [InlineData("""{"x":{"t":"ping"},"t":"subscribe"}""")]
    public void A_type_that_no_client_sends_is_unknown(string message)
    {
        var error = ErrorOf(message);
        Assert.Equal(ErrorCode.UnknownMessage, error.Code);
        Assert.Equal("t", error.Field);
    }

    [Fact]
    public void Thirty_two_levels_are_read_and_one_more_is_too_deep()
    {
        // The message, the list of changes, the change, its fields: four before the value.
        Assert.IsType<PushMessage>(Read(Value(Nest(28))));
        Assert.Equal(ErrorCode.TooDeep, ErrorOf(Value(Nest(29))).Code);
        Assert.Equal(ErrorCode.TooDeep, ErrorOf(Value(Nest(100_000))).Code);
    }

    [Fact]
    public void An_ignored_member_cannot_be_too_deep_either()
    {
        Assert.IsType<PingMessage>(Read($$"""{"t":"ping","x":{{Nest(31)}}}"""));
        Assert.Equal(ErrorCode.TooDeep, ErrorOf($$"""{"t":"ping","x":{{Nest(32)}}}""").Code);
        Assert.Equal(ErrorCode.TooDeep, ErrorOf($$"""{"x":{{Nest(32)}},"t":"ping"}""").Code);
    }

    [Fact]
    public void An_error_does_not_name_a_type_of_the_program()
    {
        foreach (var row in Malformed)
            Assert.DoesNotContain(
                "Orchestra",
                ErrorOf((string)row[1]!).Message,
                StringComparison.Ordinal
            );
    }

    private static string State(string json) => $$"""{"t":"presence","state":{{json}}}""";

    private static string Verify(string entities) =>
        $$"""{"t":"verify","owner":"{{Id}}","entities":{{entities}}}""";

    private static string Push(string change) =>
        $$"""{"t":"push","owner":"{{Id}}","epoch":7,"settled":0,"changes":[{{change}}]}""";

    private static string Change(string more) =>
        Push($$"""{"seq":1,"change":"{{Id}}","op":"update"{{more}}}""");

    private static string ChangeId(string id) =>
        Push($$"""{"seq":1,"change":"{{id}}","op":"void"}""");

    private static string Op(string op) => Push($$"""{"seq":1,"change":"{{Id}}","op":{{op}}}""");

    private static string Fields(string json) => Change($$""","fields":{{json}}""");

    private static string Value(string json) => Fields($$"""{"a":{{json}}}""");

    private static string Nest(int levels, string inside = "") =>
        new string('[', levels) + inside + new string(']', levels);

    private static ClientMessage Read(string message) =>
        WireCodec.ReadClientMessage(Encoding.UTF8.GetBytes(message));

    private static SyncException ErrorOf(string message) =>
        Assert.Throws<SyncException>(() => Read(message));
}
