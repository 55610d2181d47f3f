using System.Text;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Tests.Wire;

/// <summary>What is unusual and yet right.</summary>
public sealed class ReadingTests
{
    private const string Id = "0f6c5a3e-8b1d-4c2f-a7e9-3d5b1f2c4a68";

    [Theory]
    [InlineData("""{"ref":7,"t":"ping"}""")]
    [InlineData("""{"\u0074":"p\u0069ng","ref":7}""")]
    [InlineData(""" { "t" : "ping" , "ref" : 7 } """)]
    [InlineData("""{"t":"ping","ref":7,"later":{"t":"ack","x":[null,1e400]},"Ref":8}""")]
    public void Order_escapes_white_space_and_unknown_members_do_not_matter(string message) =>
        Assert.Equal(new PingMessage(7), Read(message));

    [Fact]
    public void Null_means_absent() =>
        Assert.Equal(new PingMessage(), Read("""{"t":"ping","ref":null}"""));

    [Fact]
    public void Only_seq_change_and_op_are_needed_in_a_change()
    {
        var change = Change("");
        Assert.Equal((0, 0), (change.Base, change.AgeMs));
        Assert.Null(change.Entity);
        Assert.Null(change.Fields);
    }

    [Fact]
    public void What_is_wrong_with_one_change_is_left_to_its_verdict()
    {
        var change = Change(
            """
            ,"entity":"pg_class; --","id":"{NIL}","base":-1,"age_ms":-5,
            "fields":{"$id":"\u0000","t":{"$ref":"x"},"A":1,"a":2}
            """
        );
        Assert.Equal("pg_class; --", change.Entity);
        Assert.Equal("{NIL}", change.Id);
        Assert.Equal(FieldValue.Text("\0"), change.Fields!["$id"]);
        Assert.Equal(["$id", "t", "A", "a"], change.Fields.Keys);
    }

    [Theory]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData("9223372036854775808", "9.223372036854776E+18")]
    [InlineData("1.50", "1.5")]
    [InlineData("2.0", "2")]
    [InlineData("1e2", "100")]
    [InlineData("0.1", "0.1")]
    [InlineData("5e-324", "5E-324")]
    [InlineData("1e-400", "0")]
    [InlineData("""{ "b" : [ 1.50 , 1e2 ], "a" : "\u00e9" }""", """{"a":"é","b":[1.5,100]}""")]
    [InlineData("""{"long":1,"a":2,"ü":3,"zz":4}""", """{"a":2,"zz":4,"ü":3,"long":1}""")]
    [InlineData("[1e18,-0.0,1e19]", "[1000000000000000000,0,1E+19]")]
    [InlineData("""[true,null,"\/"]""", """[true,null,"/"]""")]
    public void A_value_has_one_spelling(string sent, string stored)
    {
        var value = Change($$""","fields":{"a":{{sent}}}""").Fields!["a"];
        Assert.Equal(stored, WireCodec.WriteValue(value));
    }

    private static WireChange Change(string more) =>
        Assert.Single(
            Assert
                .IsType<PushMessage>(
                    Read(
                        $$"""
                        {"t":"push","owner":"{{Id}}","epoch":7,"settled":0,
                        "changes":[{"seq":1,"change":"{{Id}}","op":"update"{{more}}}]}
                        """
                    )
                )
                .Changes
        );

    private static ClientMessage Read(string message) =>
        WireCodec.ReadClientMessage(Encoding.UTF8.GetBytes(message));
}
