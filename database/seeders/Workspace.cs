using Bogus;
using Orchestra.Sync;
using Orchestra.Sync.Decisions;

namespace Orchestra.Database.Seeders;

/// <summary>
/// The rows of one user's workspace, without end and parents first: the profile, a device, settings,
/// then project after project with its files, tasks, notes and conversations.
/// </summary>
internal sealed class Workspace
{
    private const int FilesPerProject = 24;
    private const int TasksPerProject = 8;
    private const int NotesPerProject = 3;
    private const int MessagesPerConversation = 10;

    private readonly SeedUser user;
    private readonly Faker faker;
    private readonly SourceTree tree;
    private readonly DateTimeOffset now;

    public Workspace(SeedUser user, DateTimeOffset now)
    {
        this.user = user;
        this.now = now;
        faker = new Faker { Random = new Randomizer(user.RandomSeed) };
        tree = new SourceTree(faker);
    }

    public IEnumerable<SeedRow> Rows()
    {
        yield return Profile();
        yield return Device();
        yield return Setting("editor.theme", "\"dark\"");
        yield return Setting("editor.tab_width", "4");
        yield return Setting("sync.quiet_hours", """{"from":"22:00","to":"07:00"}""");
        while (true)
        {
            var project = Project();
            yield return project;
            foreach (var row in InProject(project.Key.Id))
                yield return row;
        }
    }

    private IEnumerable<SeedRow> InProject(Guid project)
    {
        for (var i = 0; i < FilesPerProject; i++)
            yield return File(project);
        Guid? parent = null;
        for (var i = 0; i < TasksPerProject; i++)
        {
            var task = Task(project, parent);
            yield return task;
            parent = faker.Random.Bool(0.3f) ? task.Key.Id : null;
        }
        for (var i = 0; i < NotesPerProject; i++)
            yield return Note(project);
        var conversation = Conversation(project);
        yield return conversation;
        for (var i = 0; i < MessagesPerConversation; i++)
            yield return Message(conversation.Key.Id, isAnswer: i % 2 == 1);
    }

    private SeedRow Profile()
    {
        var (first, last) = (faker.Name.FirstName(), faker.Name.LastName());
        return new(
            new(EngineEntities.Users, user.Owner.Value),
            Fields(
                ("display_name", Text($"{first} {last}")),
                ("email", Text(faker.Internet.Email(first, last, "example.com"))),
                ("locale", Text(faker.Random.ArrayElement(["en-GB", "de-DE", "pt-BR"]))),
                ("time_zone", Text(faker.Date.TimeZoneString()))
            ),
            ByServer: true
        );
    }

    private SeedRow Device() =>
        new(
            new(EngineEntities.Devices, user.Device.Value),
            Fields(
                ("kind", Text("desktop")),
                ("name", Text($"{faker.Name.FirstName()}'s laptop")),
                ("app", Text($"orchestra-desktop/{faker.System.Semver()}")),
                ("priority", FieldValue.Integer(SeedCommits.DevicePriority))
            ),
            ByServer: true
        );

    private static SeedRow Setting(string name, string json) =>
        new(
            new("settings", NaturalKey.IdOf("settings", name)),
            Fields(("name", Text(name)), ("value", FieldValue.Json(json))),
            ByServer: false
        );

    private SeedRow Project() =>
        Row(
            "projects",
            ("name", Text(faker.Commerce.ProductName())),
            ("description", Text(faker.Company.CatchPhrase())),
            ("color", Text(faker.Internet.Color())),
            ("repository_url", Text($"https://git.example.com/{faker.Internet.DomainWord()}"))
        );

    private SeedRow File(Guid project)
    {
        var (path, language) = tree.NextFile();
        return Row(
            "files",
            ("project_id", Id(project)),
            ("path", Text(path)),
            ("content_hash", Text(faker.Random.Hash(64))),
            ("size", FieldValue.Integer(faker.Random.Long(120, 60_000))),
            ("language", Text(language))
        );
    }

    private SeedRow Task(Guid project, Guid? parent)
    {
        var task = Row(
            "tasks",
            ("project_id", Id(project)),
            (
                "title",
                Text($"{faker.Hacker.Verb()} the {faker.Hacker.Adjective()} {faker.Hacker.Noun()}")
            ),
            ("detail", Text(faker.Hacker.Phrase())),
            ("status", Text(faker.Random.ArrayElement(["open", "doing", "blocked", "done"]))),
            ("urgency", FieldValue.Integer(faker.Random.Int(1, 5))),
            ("estimate_hours", FieldValue.Real(faker.Random.Int(1, 64) / 4.0)),
            ("due_at", Text(Timestamps.Write(now.AddDays(faker.Random.Int(1, 60)))))
        );
        return parent is { } id
            ? task with
            {
                Fields = new Dictionary<string, FieldValue>(task.Fields) { ["parent_id"] = Id(id) },
            }
            : task;
    }

    private SeedRow Note(Guid project) =>
        Row(
            "notes",
            ("project_id", Id(project)),
            ("title", Text(faker.Company.Bs())),
            ("body", Text(faker.Lorem.Paragraphs(3))),
            ("is_pinned", FieldValue.Boolean(faker.Random.Bool(0.2f)))
        );

    private SeedRow Conversation(Guid project) =>
        Row(
            "conversations",
            ("project_id", Id(project)),
            ("title", Text(faker.Hacker.Phrase())),
            ("model", Text("house-model-1"))
        );

    private SeedRow Message(Guid conversation, bool isAnswer) =>
        Row(
            "messages",
            ("conversation_id", Id(conversation)),
            ("role", Text(isAnswer ? "assistant" : "user")),
            ("body", Text(isAnswer ? faker.Lorem.Paragraph() : faker.Hacker.Phrase()))
        );

    private SeedRow Row(string entity, params (string, FieldValue)[] fields) =>
        new(new(entity, user.NextRow()), Fields(fields), ByServer: false);

    private static FieldValue Text(string text) => FieldValue.Text(text);

    private static FieldValue Id(Guid id) => FieldValue.Text(id.ToString("D"));

    private static Dictionary<string, FieldValue> Fields(
        params (string Name, FieldValue Value)[] fields
    ) => fields.ToDictionary(field => field.Name, field => field.Value);
}
