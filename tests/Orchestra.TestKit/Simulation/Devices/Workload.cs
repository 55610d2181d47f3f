using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Decisions;
using Orchestra.TestKit.Simulation.Machine;

namespace Orchestra.TestKit.Simulation.Devices;

/// <summary>
/// What people do, on few rows, so that they get into each other's way: some rows are known to all
/// devices from the start, by ids they would have agreed on.
/// </summary>
internal sealed class Workload(World world)
{
    private static readonly string[] Entities =
    [
        "projects",
        "tasks",
        "notes",
        "files",
        "settings",
        "conversations",
        "messages",
    ];

    private int count;

    /// <summary>The next edit, or several that stand or fall together.</summary>
    public (IReadOnlyList<Edit> Edits, bool Together) Next()
    {
        if (world.Chance(120))
            return (Pair(), true);
        if (world.Chance(80))
            return ([One(), One(), One()], true);
        return ([One()], false);
    }

    /// <summary>Two settings that always have the same value.</summary>
    private IReadOnlyList<Edit> Pair()
    {
        var value = FieldValue.Json($"{{\"pair\":{++count}}}");
        return [Setting("left", value), Setting("right", value)];
    }

    private Edit One()
    {
        var entity = world.Pick(Entities);
        if (entity == "settings")
            return world.Chance(150)
                ? Edit.Delete(entity, NaturalKey.IdOf(entity, "theme"))
                : Setting("theme", FieldValue.Json($"{{\"n\":{++count}}}"));
        var number = world.Random.Next(3);
        var id = IdOf(entity, number);
        return world.Chance(entity == "projects" ? 120 : 200)
            ? Edit.Delete(entity, id)
            : Edit.Put(entity, id, Fields(entity, number));
    }

    private static Edit Setting(string name, FieldValue value) =>
        Edit.Put(
            "settings",
            NaturalKey.IdOf("settings", name),
            new Dictionary<string, FieldValue>
            {
                ["name"] = FieldValue.Text(name),
                ["value"] = value,
            }
        );

    private Dictionary<string, FieldValue> Fields(string entity, int number)
    {
        var fields = new Dictionary<string, FieldValue>();
        switch (entity)
        {
            case "projects":
                fields["name"] = Text("project");
                Maybe(fields, "color", Text("color"));
                Maybe(fields, "description", Text("about"));
                break;
            case "tasks":
                fields["title"] = Text("task");
                fields["status"] = FieldValue.Text(world.Pick<string>(["open", "done"]));
                Maybe(fields, "project_id", Reference("projects"));
                // Never to itself, which every client refuses at once.
                Maybe(
                    fields,
                    "parent_id",
                    FieldValue.Text(
                        IdOf("tasks", (number + world.Random.Next(1, 3)) % 3).ToString()
                    )
                );
                Maybe(fields, "urgency", FieldValue.Integer(++count));
                break;
            case "notes":
                fields["title"] = Text("note");
                fields["body"] = Text("body");
                fields["is_pinned"] = FieldValue.Boolean(world.Chance(500));
                Maybe(fields, "project_id", Reference("projects"));
                break;
            case "files":
                fields["project_id"] = Reference("projects");
                fields["path"] = Text("path");
                fields["content_hash"] = Text("hash");
                fields["size"] = FieldValue.Integer(++count);
                break;
            case "conversations":
                fields["title"] = Text("talk");
                Maybe(fields, "project_id", Reference("projects"));
                break;
            default:
                fields["conversation_id"] = Reference("conversations");
                fields["role"] = FieldValue.Text("user");
                fields["body"] = Text("words");
                break;
        }
        return fields;
    }

    private void Maybe(Dictionary<string, FieldValue> fields, string name, FieldValue value)
    {
        if (world.Chance(400))
            fields[name] = world.Chance(150) ? FieldValue.Null : value;
    }

    private FieldValue Text(string what) => FieldValue.Text($"{what} {++count}");

    private FieldValue Reference(string entity) =>
        FieldValue.Text(IdOf(entity, world.Random.Next(3)).ToString());

    private static Guid IdOf(string entity, int n) =>
        NaturalKey.Derive(NaturalKey.Namespace, $"{entity}/{n}");
}
