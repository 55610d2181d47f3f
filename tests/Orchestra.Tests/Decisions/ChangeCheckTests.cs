using CsCheck;
using Orchestra.Sync;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Errors;

namespace Orchestra.Tests.Decisions;

public class ChangeCheckTests
{
    private const string Canonical = "11111111-1111-4111-8111-11111111111a";

    private static readonly EntityCatalog Catalog = new([
        new(
            "things",
            [
                new("name", FieldType.Text, 5, Required: true, false, false, null),
                new("parent", FieldType.Uuid, null, false, false, false, "things"),
                new("count", FieldType.Integer, null, false, false, false, null),
                new("ratio", FieldType.Real, null, false, false, false, null),
                new("done", FieldType.Boolean, null, false, false, false, null),
                new("due", FieldType.Timestamp, null, false, false, false, null),
                new("extra", FieldType.Json, 20, false, false, false, null),
                new("body", FieldType.Text, null, false, false, false, null),
                new("state", FieldType.Text, 10, Required: true, ServerOnly: true, false, null),
            ],
            serverOwned: false
        ),
        new(
            "settings",
            [
                new("name", FieldType.Text, 100, Required: true, false, IsNaturalKey: true, null),
                new("value", FieldType.Json, 1000, false, false, false, null),
            ],
            serverOwned: false
        ),
        new(
            "devices",
            [new("name", FieldType.Text, 10, false, false, false, null)],
            serverOwned: true
        ),
    ]);

    public static TheoryData<string, string, ErrorCode?> Values =>
        new()
        {
            { "name", "\"abcde\"", null },
            { "name", "\"abcdef\"", ErrorCode.ValueTooLarge },
            { "name", "\"😀😀😀😀😀\"", null },
            { "name", "\"\"", null },
            { "name", "null", ErrorCode.RequiredField },
            { "name", "1", ErrorCode.InvalidValue },
            { "name", "\"a\\u0000\"", ErrorCode.InvalidValue },
            { "parent", "\"22222222-2222-4222-8222-222222222222\"", null },
            { "parent", "\"22222222-2222-4222-8222-22222222222A\"", ErrorCode.InvalidValue },
            { "parent", "\"{22222222-2222-4222-8222-222222222222}\"", ErrorCode.InvalidValue },
            { "parent", $"\"{Canonical}\"", ErrorCode.InvalidValue },
            { "count", "9007199254740991", null },
            { "count", "9007199254740992", ErrorCode.InvalidValue },
            { "count", "1.5", ErrorCode.InvalidValue },
            { "count", "\"1\"", ErrorCode.InvalidValue },
            { "ratio", "1", null },
            { "ratio", "1e300", null },
            { "ratio", "true", ErrorCode.InvalidValue },
            { "done", "true", null },
            { "done", "0", ErrorCode.InvalidValue },
            { "due", "\"2026-01-31T12:00:00.000Z\"", null },
            { "due", "\"2026-01-31T12:00:00Z\"", ErrorCode.InvalidValue },
            { "due", "\"2026-01-31T12:00:00.000+01:00\"", ErrorCode.InvalidValue },
            { "due", "\"294277-01-01T00:00:00.000Z\"", ErrorCode.InvalidValue },
            { "extra", "{\"a\":[1,2]}", null },
            { "extra", "\"text\"", null },
            { "extra", "{\"a\":\"0123456789012\"}", ErrorCode.ValueTooLarge },
            { "extra", "{\"a\":\"\\u0000\"}", ErrorCode.InvalidValue },
            { "extra", "{\"a\":\"\\\\u0000\"}", null },
            { "state", "\"x\"", ErrorCode.ReadOnlyField },
            { "Name", "\"a\"", ErrorCode.UnknownField },
            { "version", "1", ErrorCode.UnknownField },
            { "name\"; drop table things", "\"a\"", ErrorCode.UnknownField },
        };

    [Theory]
    [MemberData(nameof(Values))]
    public void A_value_fits_its_field_or_is_rejected_by_name(
        string field,
        string json,
        ErrorCode? code
    )
    {
        var fields = Sync.Wire.WireCodec.ReadFields(
            $"{{{System.Text.Json.JsonSerializer.Serialize(field)}:{json}}}"
        );
        var result = Check(ChangeOp.Update, "things", Canonical, fields);

        Assert.Equal(code, result.Rejection?.Code);
        if (code is not null)
            Assert.Equal(field, result.Rejection!.Field);
    }

    [Theory]
    [InlineData("things", Canonical, null)]
    [InlineData("Things", Canonical, ErrorCode.UnknownEntity)]
    [InlineData("sync_log", Canonical, ErrorCode.UnknownEntity)]
    [InlineData("things;--", Canonical, ErrorCode.UnknownEntity)]
    [InlineData("things", "11111111-1111-4111-8111-11111111111A", ErrorCode.InvalidValue)]
    [InlineData("things", "1111111111114111811111111111111a", ErrorCode.InvalidValue)]
    [InlineData("things", "00000000-0000-0000-0000-000000000000", ErrorCode.InvalidValue)]
    [InlineData("things", "", ErrorCode.InvalidValue)]
    [InlineData("devices", Canonical, ErrorCode.ReadOnlyField)]
    public void Rows_are_named_by_a_known_type_and_a_canonical_id(
        string entity,
        string id,
        ErrorCode? code
    ) => Assert.Equal(code, Check(ChangeOp.Delete, entity, id, Change.NoFields).Rejection?.Code);

    [Theory]
    [InlineData(ChangeOp.Create, "null", null)]
    [InlineData(ChangeOp.Offer, "null", null)]
    [InlineData(ChangeOp.Create, "\"blue\"", ErrorCode.UnknownField)]
    [InlineData(ChangeOp.Update, "null", ErrorCode.UnknownField)]
    public void A_whole_row_may_be_null_where_another_version_has_a_field(
        ChangeOp op,
        string shade,
        ErrorCode? code
    )
    {
        var fields = Sync.Wire.WireCodec.ReadFields($"{{\"name\":\"a\",\"shade\":{shade}}}");
        var result = Check(op, "things", Canonical, fields);

        Assert.Equal(code, result.Rejection?.Code);
        Assert.DoesNotContain("shade", result.Fields.Keys);
    }

    [Fact]
    public void A_new_row_needs_its_required_fields() =>
        Assert.Equal(
            (ErrorCode.RequiredField, "name"),
            Describe(Check(ChangeOp.Create, "things", Canonical, Change.NoFields))
        );

    [Theory]
    [InlineData(Limits.FieldBytes, null)]
    [InlineData(Limits.FieldBytes + 1, ErrorCode.ValueTooLarge)]
    public void A_value_has_a_bound_also_where_its_field_has_none(int bytes, ErrorCode? code)
    {
        // Two bytes each, and one more where the bound is odd.
        var text = new string('é', bytes / 2) + new string('e', bytes % 2);
        var fields = new Dictionary<string, FieldValue> { ["body"] = FieldValue.Text(text) };
        var result = Check(ChangeOp.Update, "things", Canonical, fields);
        Assert.Equal(code, result.Rejection?.Code);
    }

    [Theory]
    [InlineData(Limits.FirstPairs, null)]
    [InlineData(Limits.FirstPairs + 1, ErrorCode.InvalidValue)]
    public void A_change_was_sent_under_so_many_numbers_and_no_more(int pairs, ErrorCode? code)
    {
        var change = new Change(
            1,
            default,
            "things",
            Canonical,
            ChangeOp.Delete,
            0,
            0,
            Change.NoFields,
            First: [.. Enumerable.Range(1, pairs).Select(n => new DeviceSeq(default, n))]
        );
        Assert.Equal(code, ChangeCheck.Check(Catalog, change).Rejection?.Code);
    }

    [Theory]
    [InlineData(Limits.MaxInteger, Limits.MaxAgeMs, null)]
    [InlineData(Limits.MaxInteger + 1, 0, ErrorCode.InvalidValue)]
    [InlineData(0, Limits.MaxAgeMs + 1, ErrorCode.InvalidValue)]
    public void Bases_and_ages_go_up_to_their_bounds(long known, long age, ErrorCode? code)
    {
        var change = new Change(
            1,
            default,
            "things",
            Canonical,
            ChangeOp.Delete,
            known,
            age,
            Change.NoFields
        );
        Assert.Equal(code, ChangeCheck.Check(Catalog, change).Rejection?.Code);
    }

    [Theory]
    [InlineData(-1, 0, "base")]
    [InlineData(long.MaxValue, 0, "base")]
    [InlineData(0, -1, "age_ms")]
    [InlineData(0, long.MaxValue, "age_ms")]
    public void Bases_and_ages_have_bounds(long known, long age, string member)
    {
        var change = new Change(
            1,
            default,
            "things",
            Canonical,
            ChangeOp.Delete,
            known,
            age,
            Change.NoFields
        );
        Assert.Equal(
            (ErrorCode.InvalidValue, member),
            Describe(ChangeCheck.Check(Catalog, change))
        );
    }

    [Fact]
    public void A_natural_key_gives_the_id_and_never_changes()
    {
        var fields = new Dictionary<string, FieldValue> { ["name"] = FieldValue.Text("theme") };
        var id = NaturalKey.IdOf("settings", "theme").ToString("D");

        Assert.Null(Check(ChangeOp.Create, "settings", id, fields).Rejection);
        Assert.Equal(
            (ErrorCode.InvalidValue, "id"),
            Describe(Check(ChangeOp.Create, "settings", Canonical, fields))
        );
        Assert.Equal(
            (ErrorCode.ReadOnlyField, "name"),
            Describe(Check(ChangeOp.Update, "settings", Canonical, fields))
        );
    }

    [Fact]
    public void Ids_made_from_names_are_version_5_uuids_of_the_rfc() =>
        // The example of RFC 9562, appendix A.4.
        Assert.Equal(
            new Guid("2ed6657d-e927-568b-95e1-2665a8aea6a2"),
            NaturalKey.Derive(new Guid("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), "www.example.com")
        );

    [Fact]
    public void Whatever_is_sent_the_check_answers_and_what_passes_has_only_known_fields() =>
        Gen.Select(
                Gen.Enum<ChangeOp>(),
                Gen.String,
                Gen.String,
                Gen.Dictionary(Gen.String, Gen.String),
                Gen.Long,
                Gen.Long
            )
            .Sample(
                (op, entity, id, fields, known, age) =>
                {
                    var change = new Change(
                        1,
                        default,
                        entity.Length % 2 == 0 ? entity : "things",
                        id.Length % 2 == 0 ? id : Canonical,
                        op,
                        known,
                        age,
                        fields.ToDictionary(pair => pair.Key, pair => FieldValue.Text(pair.Value))
                    );
                    var result = ChangeCheck.Check(Catalog, change);
                    if (result.IsWrite)
                        Assert.All(
                            result.Fields.Keys,
                            name => Assert.NotNull(result.Type!.Find(name))
                        );
                }
            );

    private static CheckedChange Check(
        ChangeOp op,
        string entity,
        string id,
        IReadOnlyDictionary<string, FieldValue> fields
    ) => ChangeCheck.Check(Catalog, new Change(1, default, entity, id, op, 0, 0, fields));

    private static (ErrorCode, string?) Describe(CheckedChange change) =>
        (change.Rejection!.Code, change.Rejection.Field);
}
