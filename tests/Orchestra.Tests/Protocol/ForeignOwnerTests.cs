using System.Net;
using Orchestra.Sync;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>
/// P14: one owner's token opens nothing of another's, and the answer does not tell whether that
/// other one exists.
/// </summary>
[Collection(nameof(SharedServer))]
public sealed class ForeignOwnerTests(SharedServer shared)
{
    private static readonly string[] Creatable =
    [
        "projects",
        "files",
        "tasks",
        "notes",
        "conversations",
        "messages",
    ];

    private readonly OwnerId owner = SharedServer.NewOwner();
    private readonly OwnerId other = SharedServer.NewOwner();

    public static TheoryData<string> Messages =>
        new()
        {
            """{"t":"push","owner":"$OWNER","epoch":1,"settled":0,"changes":[]}""",
            """{"t":"ack","owner":"$OWNER","epoch":1,"version":1}""",
            """{"t":"pull","owner":"$OWNER","epoch":1,"since":0}""",
            """{"t":"pull","owner":"$OWNER","epoch":-1,"since":-1,"entities":["x"]}""",
            """{"t":"verify","owner":"$OWNER","entities":["projects"]}""",
            """{"t":"verify","owner":"$OWNER","entities":["x"]}""",
        };

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task P14_A_message_about_another_owner_is_forbidden_in_the_same_bytes(
        string message
    )
    {
        await using var theirs = await RawDevice.ConnectAsync(shared.Server, other);
        await theirs.PushAsync(Edits.Project());
        await using var mine = await RawDevice.ConnectAsync(shared.Server, owner);
        var answers = new List<string>();
        foreach (var asked in new[] { other, SharedServer.NewOwner(), new OwnerId(Guid.Empty) })
        {
            await mine.Socket.SendAsync(message.Replace("$OWNER", $"{asked}"));
            answers.Add(WithoutTrace(await mine.Socket.ExpectFrameAsync<ErrorMessage>()));
        }
        Assert.Contains("\"forbidden\"", answers[0], StringComparison.Ordinal);
        Assert.Single(answers.Distinct());
        Assert.Equal(ChangeStatus.Applied, (await mine.PushAsync(Edits.Project()))[0].Status);
    }

    [Fact]
    public async Task P14_A_hello_with_another_owner_s_cursor_is_forbidden_in_the_same_bytes()
    {
        await using var theirs = await RawDevice.ConnectAsync(shared.Server, other);
        var answers = new List<string>();
        foreach (var asked in new[] { other, SharedServer.NewOwner() })
        {
            await using var socket = await RawSocket.OpenAsync(
                shared.Server.Gateway,
                await shared.Server.TokenAsync(owner)
            );
            var cursor = new WireCursor(asked, 1, 1);
            await socket.SendAsync(new HelloMessage(1, RawDevice.NewDevice(), [cursor]));
            answers.Add(WithoutTrace(await socket.ExpectFrameAsync<ErrorMessage>()));
        }
        Assert.Contains("\"forbidden\"", answers[0], StringComparison.Ordinal);
        Assert.Single(answers.Distinct());
    }

    [Fact]
    public async Task P14_So_it_is_over_HTTP()
    {
        await using var theirs = await RawDevice.ConnectAsync(shared.Server, other);
        var door = await HttpDoor.OpenAsync(shared.Server, owner);
        var answers = new List<HttpAnswer>();
        foreach (var asked in new[] { other, SharedServer.NewOwner() })
        {
            answers.Add(await door.GetAsync($"/v1/changes?owner={asked}&epoch=1&since=0"));
            answers.Add(
                await door.PushAsync(
                    new PushMessage(
                        asked,
                        1,
                        0,
                        [Edits.Project() with { Seq = 1 }],
                        Device: RawDevice.NewDevice()
                    )
                )
            );
        }
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Forbidden, answer.Status));
        Assert.Single(
            answers
                .Select(answer => WithoutTrace(new ReceivedFrame(answer.Message, answer.Utf8)))
                .Distinct()
        );
    }

    [Fact]
    public async Task P14_A_search_finds_nothing_of_another_owner_and_says_nothing_of_him()
    {
        var word = $"{Guid.NewGuid():N}";
        await using var theirs = await RawDevice.ConnectAsync(shared.Server, other);
        await theirs.PushAsync(Edits.Note(Guid.NewGuid(), word));
        var hit = Assert.Single(await HitsAsync(other));
        Assert.Equal("notes", hit.Entity);
        Assert.Empty(await HitsAsync(owner));

        await using var mine = await RawDevice.ConnectAsync(shared.Server, owner);
        await mine.PushAsync(Edits.Note(hit.Id, word));
        var before = Assert.Single(await HitsAsync(owner));
        await theirs.PushAsync(Edits.Note(Guid.NewGuid(), $"{word} {word}"));
        var after = Assert.Single(await HitsAsync(owner));
        Assert.Equal((before.Id, before.Rank), (after.Id, after.Rank));

        async Task<IReadOnlyList<WireFoundRow>> HitsAsync(OwnerId asking)
        {
            var door = await HttpDoor.OpenAsync(shared.Server, asking);
            var answer = await door.GetAsync($"/v1/search?q={word}&types=notes,files");
            return WireCodec.ReadFound(answer.Utf8).Hits;
        }
    }

    [Fact]
    public async Task P14_A_stolen_row_id_names_another_row_or_none()
    {
        var ids = Creatable.ToDictionary(entity => entity, _ => Guid.NewGuid());
        await using var theirs = await RawDevice.ConnectAsync(shared.Server, other);
        await theirs.PushAsync(Rows(ids));
        var before = (await theirs.PullAsync(0)).Changes.Select(Describe).ToList();
        Assert.True(before.Count > Creatable.Length);

        await using var mine = await RawDevice.ConnectAsync(shared.Server, owner);
        foreach (var (entity, id) in ids)
        {
            var verdicts = await mine.PushAsync(
                Edits.Update(entity, id, 0),
                Edits.Delete(entity, id),
                Edits.Note(Guid.NewGuid(), "", ids["projects"])
            );
            Assert.Equal(
                ["row_gone", "row_gone", "parent_missing"],
                verdicts.Select(verdict => verdict.Code)
            );
        }
        Assert.All(
            await mine.PushAsync(Rows(ids)),
            verdict => Assert.Equal(ChangeStatus.Applied, verdict.Status)
        );
        await mine.PushAsync(Edits.Delete("projects", ids["projects"]));
        Assert.Equal(before, (await theirs.PullAsync(0)).Changes.Select(Describe));
    }

    [Fact]
    public async Task P14_A_quiet_owner_s_socket_hears_nothing_of_a_busy_one()
    {
        await using var quiet = await RawDevice.ConnectAsync(shared.Server, owner);
        await quiet.ReadUntilAsync(quiet.Welcome.Heads[0].Version);
        await quiet.Socket.DrainAsync();
        await using var busy = await RawDevice.ConnectAsync(shared.Server, other);
        await using var listener = await RawDevice.ConnectAsync(shared.Server, other);
        var verdicts = await busy.PushAsync(Edits.Project(), Edits.Project());
        await listener.ReadUntilAsync(verdicts[^1].Version!.Value);
        Assert.Empty(await quiet.Socket.DrainAsync());
    }

    private static string Describe(WireEntry entry) =>
        $"{entry.Version} {entry.Entity} {entry.Id} {entry.Op} "
        + WireCodec.WriteFields(entry.Fields);

    private static WireChange[] Rows(Dictionary<string, Guid> ids) =>
        [
            Edits.Project(ids["projects"]),
            Edits.Create(
                "files",
                ids["files"],
                ("project_id", Edits.Text(ids["projects"])),
                ("path", Edits.Text("a.cs")),
                ("content_hash", Edits.Text(new string('0', 64))),
                ("size", FieldValue.Integer(1))
            ),
            Edits.Create(
                "tasks",
                ids["tasks"],
                ("title", Edits.Text("a task")),
                ("status", Edits.Text("open"))
            ),
            Edits.Note(ids["notes"], "a note"),
            Edits.Create("conversations", ids["conversations"], ("title", Edits.Text("talk"))),
            Edits.Create(
                "messages",
                ids["messages"],
                ("conversation_id", Edits.Text(ids["conversations"])),
                ("role", Edits.Text("user")),
                ("body", Edits.Text("hello"))
            ),
        ];

    private static string WithoutTrace(ReceivedFrame frame) =>
        System
            .Text.Encoding.UTF8.GetString(frame.Utf8)
            .Replace(((ErrorMessage)frame.Message).Trace!, "", StringComparison.Ordinal);
}
