using Orchestra.Sync;
using Orchestra.Sync.Decisions;

namespace Orchestra.Tests.Cluster.Plans;

/// <summary>Changes that together touch every entity type in every way a commit can.</summary>
internal static class SampleEdits
{
    private static readonly (string Entity, string Field, FieldValue Value)[] Updates =
    [
        ("settings", "value", FieldValue.Json("8")),
        ("projects", "color", FieldValue.Text("#123456")),
        ("files", "size", FieldValue.Integer(4_711)),
        ("files", "path", FieldValue.Text("src/moved/elsewhere.cs")),
        ("tasks", "status", FieldValue.Text("done")),
        ("notes", "is_pinned", FieldValue.Boolean(true)),
        ("notes", "body", FieldValue.Text("Written anew.")),
        ("conversations", "title", FieldValue.Text("Renamed")),
        ("messages", "body", FieldValue.Text("Said otherwise.")),
    ];

    /// <summary>A row of each type that devices can make.</summary>
    public static IReadOnlyList<Change> Creates(OwnerId owner, string round)
    {
        var (project, talk) = (IdOf("project"), IdOf("talk"));
        return
        [
            Create(
                "settings",
                NaturalKey.IdOf("settings", round).ToString("D"),
                ("name", Text(round)),
                ("value", FieldValue.Json("true"))
            ),
            Create("projects", project, ("name", Text("New"))),
            Create(
                "files",
                IdOf("file"),
                ("project_id", Text(project)),
                ("path", Text("new.cs")),
                ("content_hash", Text(new string('a', 64))),
                ("size", FieldValue.Integer(1))
            ),
            Create("tasks", IdOf("task"), ("title", Text("New")), ("status", Text("open"))),
            Create(
                "tasks",
                IdOf("subtask"),
                ("project_id", Text(project)),
                ("parent_id", Text(IdOf("task"))),
                ("title", Text("New")),
                ("status", Text("open"))
            ),
            Create(
                "notes",
                IdOf("note"),
                ("project_id", Text(project)),
                ("title", Text("New")),
                ("body", Text("New")),
                ("is_pinned", FieldValue.Boolean(false))
            ),
            Create("conversations", talk, ("project_id", Text(project)), ("title", Text("New"))),
            Create(
                "messages",
                IdOf("message"),
                ("conversation_id", Text(talk)),
                ("role", Text("user")),
                ("body", Text("New"))
            ),
        ];

        string IdOf(string what) => NaturalKey.Derive(owner.Value, $"{round} {what}").ToString("D");
    }

    /// <summary>
    /// Updates of every type, with and without words to search by; a deletion that takes others
    /// along; and one of a row that is not there, which makes a conflict.
    /// </summary>
    public static IReadOnlyList<Change> Edits(IEnumerable<SeededRow> rows)
    {
        var live = rows.Where(row => row.IsLive).ToLookup(row => row.Key.Entity);
        var taken = new HashSet<RowKey>();
        var changes = new List<Change>();
        foreach (var (entity, field, value) in Updates)
            if (live[entity].FirstOrDefault(row => taken.Add(row.Key)) is { } row)
                changes.Add(Update(row.Key, row.Version, (field, value)));
        if (live["projects"].LastOrDefault(row => taken.Add(row.Key)) is { } project)
            changes.Add(Of(ChangeOp.Delete, project.Key, project.Version));
        changes.Add(Update(new("tasks", new Guid(1, 2, 3, new byte[8])), 0));
        return changes;
    }

    /// <summary>What the server writes when an owner is first seen.</summary>
    public static IReadOnlyList<Change> Registration(OwnerId owner) =>
        [
            Create("users", owner.ToString(), ("display_name", Text("New"))),
            Create(
                "devices",
                NaturalKey.Derive(owner.Value, "device").ToString("D"),
                ("kind", Text("desktop")),
                ("name", Text("New")),
                ("app", Text("test/1")),
                ("priority", FieldValue.Integer(50))
            ),
        ];

    /// <summary>What the server writes about an owner whom it knows.</summary>
    public static IReadOnlyList<Change> Revision(IEnumerable<SeededRow> rows) =>
        [
            .. rows.Where(row => row.Key.Entity is "users" or "devices")
                .Select(row =>
                    Update(
                        row.Key,
                        row.Version,
                        (row.Key.Entity == "users" ? "display_name" : "app", Text("test/2"))
                    )
                ),
        ];

    private static Change Create(
        string entity,
        string id,
        params (string Name, FieldValue Value)[] fields
    ) => Of(ChangeOp.Create, new RowKey(entity, Guid.ParseExact(id, "D")), 0, fields);

    private static Change Update(
        RowKey key,
        long known,
        params (string Name, FieldValue Value)[] fields
    ) => Of(ChangeOp.Update, key, known, fields);

    private static Change Of(
        ChangeOp op,
        RowKey key,
        long known,
        params (string Name, FieldValue Value)[] fields
    ) =>
        new(
            0,
            new ChangeId(Guid.CreateVersion7()),
            key.Entity,
            key.Id.ToString("D"),
            op,
            known,
            0,
            fields.ToDictionary(field => field.Name, field => field.Value)
        );

    private static FieldValue Text(string text) => FieldValue.Text(text);
}
