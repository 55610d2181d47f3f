using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>Short ways to say what a device edits; it numbers them when it sends them.</summary>
internal static class Edits
{
    public static WireChange Create(
        string entity,
        Guid id,
        params (string Name, FieldValue Value)[] fields
    ) => Change(ChangeOp.Create, entity, id, 0, fields);

    public static WireChange Update(
        string entity,
        Guid id,
        long version,
        params (string Name, FieldValue Value)[] fields
    ) => Change(ChangeOp.Update, entity, id, version, fields);

    public static WireChange Delete(string entity, Guid id, long version = 0) =>
        Change(ChangeOp.Delete, entity, id, version, []);

    public static WireChange Project(Guid id, string name = "Apollo") =>
        Create("projects", id, ("name", Text(name)));

    public static WireChange Project(string name = "Apollo") => Project(Guid.NewGuid(), name);

    public static WireChange Note(Guid id, string body, Guid? project = null) =>
        Create(
            "notes",
            id,
            ("title", Text($"a note, {Canary.Word}")),
            ("body", Text(body)),
            ("is_pinned", FieldValue.Boolean(false)),
            ("project_id", project is { } parent ? Text(parent) : FieldValue.Null)
        );

    public static FieldValue Text(string text) => FieldValue.Text(text);

    public static FieldValue Text(Guid id) => FieldValue.Text(id.ToString("D"));

    private static WireChange Change(
        ChangeOp op,
        string entity,
        Guid id,
        long version,
        (string Name, FieldValue Value)[] fields
    ) =>
        new(
            0,
            new ChangeId(Guid.NewGuid()),
            op,
            entity,
            id.ToString("D"),
            version,
            Fields: fields.ToDictionary(field => field.Name, field => field.Value)
        );
}
