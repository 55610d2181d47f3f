using System.Text.Json;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>
/// P19: changes that are well-formed and no good. Each is rejected under its code, consumes its seq
/// and nothing else, and the change after it in the same push is applied.
/// </summary>
[Collection(nameof(SharedServer))]
public sealed class BadChangeTests(SharedServer shared)
{
    private const string Id = "0f6c5a3e-8b1d-4c2f-a7e9-3d5b1f2c4a68";

    private readonly OwnerId owner = SharedServer.NewOwner();

    public static TheoryData<string, string, string, string> Changes =>
        new()
        {
            { Entity(""), "no entity", "unknown_entity", "entity" },
            { Entity("Projects"), "mixed case", "unknown_entity", "entity" },
            { Entity("\\\"projects\\\""), "quoted", "unknown_entity", "entity" },
            { Entity("main.projects"), "qualified", "unknown_entity", "entity" },
            { Entity("projects; drop table users"), "SQL", "unknown_entity", "entity" },
            { Entity("projects\\u0000"), "NUL in a name", "unknown_entity", "entity" },
            {
                Entity(new string('a', 99) + "🚀"),
                "half a character at the cut",
                "unknown_entity",
                "entity"
            },
            {
                Row($"\"{new string('a', 99)}🚀\""),
                "an id with half a character at the cut",
                "invalid_value",
                "id"
            },
            {
                Field($"\"{new string('a', 99)}🚀\"", "1"),
                "a field with half a character at the cut",
                "unknown_field",
                new string('a', 99) + "🚀"
            },
            { Entity("sync_log"), "the engine's table", "unknown_entity", "entity" },
            { Entity("sqlite_master"), "the system's table", "unknown_entity", "entity" },
            { Row("\"\""), "no id", "invalid_value", "id" },
            {
                Row("\"00000000-0000-0000-0000-000000000000\""),
                "the nil id",
                "invalid_value",
                "id"
            },
            { Row($"\"{Id.ToUpperInvariant()}\""), "an id in capitals", "invalid_value", "id" },
            { Row($"\"{{{Id}}}\""), "an id in braces", "invalid_value", "id" },
            { Row($"\"{Id.Replace("-", "")}\""), "an id without hyphens", "invalid_value", "id" },
            { Row("\"' or 1=1 --\""), "an id that is SQL", "invalid_value", "id" },
            { Field("\"colour\"", "1"), "an unknown field", "unknown_field", "colour" },
            { Field("\"Name\"", "\"a\""), "a field in mixed case", "unknown_field", "Name" },
            { Field("\"id\"", "\"a\""), "the key as a field", "unknown_field", "id" },
            { Field("\"owner_id\"", "\"a\""), "the owner as a field", "unknown_field", "owner_id" },
            { Field("\"version\"", "1"), "the version as a field", "unknown_field", "version" },
            { Field("\"deleted_at\"", "null"), "a sync column", "unknown_field", "deleted_at" },
            {
                Field("\"name = '' --\"", "1"),
                "a field that is SQL",
                "unknown_field",
                "name = '' --"
            },
            { Field("\"\"", "1"), "a field without a name", "unknown_field", "" },
            { Field("\"description\"", "1"), "a number for text", "invalid_value", "description" },
            {
                Field("\"description\"", "{}"),
                "an object for text",
                "invalid_value",
                "description"
            },
            {
                Field("\"description\"", "\"\\u0000\""),
                "NUL in text",
                "invalid_value",
                "description"
            },
            { Field("\"metadata\"", "\"\\u0000\""), "NUL in JSON", "invalid_value", "metadata" },
            {
                Field("\"metadata\"", "{\"\\u0000\":1}"),
                "NUL in a member",
                "invalid_value",
                "metadata"
            },
            { Long("color", 21), "a value longer than its column", "value_too_large", "color" },
            { Long("description", 300_000), "a file's contents", "value_too_large", "description" },
            { Long("metadata", 20_000), "JSON too large", "value_too_large", "metadata" },
            { Field("\"archived_at\"", "\"now\""), "no timestamp", "invalid_value", "archived_at" },
            {
                Field("\"archived_at\"", "0"),
                "a number for a time",
                "invalid_value",
                "archived_at"
            },
            {
                Field("\"archived_at\"", "\"+294277-01-01T00:00:00Z\""),
                "a time no database has",
                "invalid_value",
                "archived_at"
            },
            {
                Field("\"name\"", "null", "{}"),
                "null where a value must be",
                "required_field",
                "name"
            },
            { Fields("{}"), "a field missing", "required_field", "name" },
            {
                Of("files", """{"project_id":"1"}"""),
                "a reference that is none",
                "invalid_value",
                "project_id"
            },
            {
                Of("tasks", $$"""{"title":"a","status":"b","parent_id":"{{Id}}"}"""),
                "a row that refers to itself",
                "invalid_value",
                "parent_id"
            },
            {
                Of("tasks", """{"title":"a","status":"b","urgency":9007199254740992}"""),
                "an integer beyond 53 bits",
                "invalid_value",
                "urgency"
            },
            {
                Of("tasks", """{"title":"a","status":"b","urgency":1.5}"""),
                "a fraction for an integer",
                "invalid_value",
                "urgency"
            },
            {
                Of("tasks", """{"title":"a","status":"b","estimate_hours":"1"}"""),
                "text for a number",
                "invalid_value",
                "estimate_hours"
            },
            {
                Of("notes", """{"title":"a","body":"b","is_pinned":1}"""),
                "a number for a boolean",
                "invalid_value",
                "is_pinned"
            },
            {
                Of(
                    "notes",
                    $$"""{"title":"a","body":"b","is_pinned":true,"project_id":"{{Id}}"}"""
                ),
                "a reference to nothing",
                "parent_missing",
                "project_id"
            },
            {
                Of("settings", """{"name":"a","value":1}"""),
                "an id that its key does not give",
                "invalid_value",
                "id"
            },
            { Of("devices", "{}"), "a device of one's own", "read_only_field", "id" },
            { Of("users", "{}"), "a user of one's own", "read_only_field", "id" },
            { Op("update", "{}"), "an update of nothing", "row_gone", "id" },
            { Op("delete", "{}"), "a deletion of nothing", "row_gone", "id" },
            {
                Op("delete", """{"name":"a"}"""),
                "a deletion with fields",
                "unknown_field",
                "fields"
            },
            { More("\"age_ms\":-1"), "an age below 0", "invalid_value", "age_ms" },
            {
                More("\"age_ms\":9223372036854775807"),
                "an age beyond all",
                "invalid_value",
                "age_ms"
            },
            {
                More("\"age_ms\":-9223372036854775808"),
                "an age before all",
                "invalid_value",
                "age_ms"
            },
            { More("\"base\":-1"), "a base below 0", "invalid_value", "base" },
            { More("\"base\":9007199254740992"), "a base beyond 53 bits", "invalid_value", "base" },
            {
                More($"\"first\":[{Pairs(17)}]"),
                "seventeen earlier seqs",
                "invalid_value",
                "first"
            },
        };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task P19_A_bad_change_is_rejected_and_the_one_behind_it_applied(
        string change,
        string what,
        string code,
        string field
    )
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        await device.Socket.SendAsync(
            $$"""
            {"t":"push","owner":"{{owner}}","epoch":{{device.Epoch}},"settled":0,"changes":[{{change}},
             {"seq":2,"change":"{{Guid.NewGuid()}}","op":"create","entity":"projects",
              "id":"{{Guid.NewGuid()}}","fields":{"name":"good"} }]}
            """
        );
        var results = (await device.Socket.ExpectAsync<PushedMessage>()).Results;
        Assert.True(results[0].Code == code, $"{what}: {results[0]}");
        Assert.Equal(
            (ChangeStatus.Rejected, null, field),
            (results[0].Status, results[0].Version, results[0].Field)
        );
        Assert.Equal((2L, ChangeStatus.Applied), (results[1].Seq, results[1].Status));
    }

    [Fact]
    public async Task A_deleted_row_is_no_parent()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        var project = Guid.NewGuid();
        await device.PushAsync(Edits.Project(project));
        var verdicts = await device.PushAsync(
            Edits.Delete("projects", project, device.Welcome.Heads[0].Version + 1),
            Edits.Note(Guid.NewGuid(), "orphan", project)
        );
        Assert.Equal([null, "parent_missing"], verdicts.Select(verdict => verdict.Code));
    }

    [Fact]
    public async Task Rows_that_refer_to_each_other_in_a_circle_can_be_deleted()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        var (a, b) = (Guid.NewGuid(), Guid.NewGuid());
        await device.PushAsync(
            Task(a, null),
            Task(b, a),
            Edits.Update("tasks", a, 0, ("parent_id", Edits.Text(b)))
        );
        var verdict = Assert.Single(await device.PushAsync(Edits.Delete("tasks", a)));
        Assert.Equal(ChangeStatus.Applied, verdict.Status);
        await device.Socket.SendAsync(new VerifyMessage(owner, ["tasks"]));
        Assert.Equal(0, (await device.Socket.ExpectAsync<VerifiedMessage>()).Rows);
    }

    [Fact]
    public async Task The_same_row_a_full_push_long_is_one_row()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        var id = Guid.NewGuid();
        var changes = Enumerable
            .Range(1, Limits.PushChanges - 1)
            .Select(n => Edits.Update("projects", id, 0, ("name", Edits.Text($"{n}"))));
        var verdicts = await device.PushAsync([Edits.Project(id), .. changes]);
        Assert.All(verdicts, verdict => Assert.Equal(ChangeStatus.Applied, verdict.Status));

        var row = Assert.Single((await device.PullAsync(0, entities: ["projects"])).Changes);
        Assert.Equal("499", row.Fields["name"].AsText());
    }

    private static WireChange Task(Guid id, Guid? parent) =>
        Edits.Create(
            "tasks",
            id,
            ("title", Edits.Text("a task")),
            ("status", Edits.Text("open")),
            ("parent_id", parent is { } other ? Edits.Text(other) : FieldValue.Null)
        );

    private static string Change(
        string op = "create",
        string entity = "projects",
        string id = $"\"{Id}\"",
        string fields = """{"name":"a"}""",
        string more = "\"base\":0"
    ) =>
        $$"""
            {"seq":1,"change":"{{Guid.NewGuid()}}","op":"{{op}}","entity":"{{entity}}","id":{{id}},
             "fields":{{fields}},{{more}}}
            """;

    private static string Entity(string name) => Change(entity: name);

    private static string Row(string id) => Change(id: id);

    private static string Op(string op, string fields) => Change(op, fields: fields);

    private static string More(string members) => Change(more: members);

    private static string Fields(string json) => Change(fields: json);

    private static string Of(string entity, string fields) =>
        Change("create", entity, fields: fields);

    private static string Field(string name, string value, string? others = null) =>
        Fields(
            others is null ? $$$"""{"name":"a",{{{name}}}:{{{value}}}}""" : $"{{{name}:{value}}}"
        );

    private static string Long(string field, int length) =>
        Field($"\"{field}\"", $"\"{new string('x', length)}\"");

    private static string Pairs(int count) =>
        string.Join(
            ',',
            Enumerable
                .Range(1, count)
                .Select(seq => JsonSerializer.Serialize(new { device = Id, seq }))
        );
}
