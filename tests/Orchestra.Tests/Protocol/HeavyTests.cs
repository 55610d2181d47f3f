using System.Net;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>Little that is asked and amounts to much: it is done, in bounded pieces.</summary>
[Collection(nameof(SharedServer))]
public sealed class HeavyTests(SharedServer shared)
{
    private const int Tasks = 1_500;
    private const int NoteLength = 65_536;

    private readonly OwnerId owner = SharedServer.NewOwner();

    [Fact]
    public async Task P4_A_push_that_deletes_and_revives_thousands_of_rows_is_taken_once_and_in_order()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        var project = await AddTreeAsync(device);
        var push = await device.SendAsync(Toggles(project, 24));
        var first = await ExpectTakenAsync(device, push);
        Assert.Equal(first.Select(verdict => verdict.Seq), push.Changes.Select(c => c.Seq));
        Assert.All(
            first.Zip(first.Skip(1)),
            pair => Assert.Equal(1 + Tasks, pair.Second.Version - pair.First.Version)
        );

        await device.Socket.SendAsync(push);
        var again = await ExpectTakenAsync(device, push, isAgain: true);
        Assert.Equal(first.Select(v => v.Version), again.Select(v => v.Version));
        await device.Socket.SendAsync(new VerifyMessage(owner, ["tasks"]));
        var verified = await device.Socket.ExpectAsync<VerifiedMessage>(within: Patience);
        Assert.Equal(Tasks, verified.Rows);
    }

    [Fact]
    public async Task Other_devices_and_a_revocation_pass_between_the_pieces_of_a_push()
    {
        await using var desk = await RawDevice.ConnectAsync(shared.Server, owner);
        await using var phone = await RawDevice.ConnectAsync(shared.Server, owner);
        var project = await AddTreeAsync(desk);
        await using var watch = await RawDevice.ConnectAsync(shared.Server, owner);
        var before = (await watch.PullAsync(0, entities: ["devices"])).To;

        var push = await desk.SendAsync(Toggles(project, 60));
        await UntilBegunAsync(watch, before);
        var note = Edits.Note(Guid.NewGuid(), "it passes");
        var passed = (await phone.PushAsync(note))[0].Version!.Value;
        var door = await HttpDoor.OpenAsync(shared.Server, owner);
        var answer = await door.DeleteAsync($"/v1/devices/{phone.Device.Id}");
        Assert.Equal(HttpStatusCode.NoContent, answer.Status);
        var revoked = await FindDeviceChangeAsync(watch, before, long.MaxValue);

        var verdicts = await ExpectTakenAsync(desk, push);
        long[] order = [verdicts[0].Version!.Value, passed, revoked, verdicts[^1].Version!.Value];
        Assert.Equal(order.Order(), order);
    }

    [Fact]
    public async Task P4_But_not_the_same_changes_under_a_new_identity()
    {
        await using var old = await RawDevice.ConnectAsync(shared.Server, owner);
        await using var renewed = await RawDevice.ConnectAsync(shared.Server, owner);
        var project = await AddTreeAsync(old);
        await using var watch = await RawDevice.ConnectAsync(shared.Server, owner);
        var before = (await watch.PullAsync(0, entities: ["devices"])).To;

        var push = await old.SendAsync([
            .. Toggles(project, 60),
            Edits.Note(Guid.NewGuid(), "once"),
        ]);
        await UntilBegunAsync(watch, before);
        var last = push.Changes[^1];
        var replaced = new WireDeviceSeq(old.Device.Id, last.Seq);
        var repeated = push with
        {
            Changes = [last with { Seq = 1, First = [replaced] }],
            Replaces = replaced,
        };
        await renewed.Socket.SendAsync(repeated);
        var first = (await ExpectTakenAsync(old, push))[^1];
        var again = Assert.Single(await ExpectTakenAsync(renewed, repeated, isAgain: true));
        Assert.Equal(first.Version, again.Version);
    }

    [Fact]
    public async Task The_server_s_own_writes_pass_however_many_heavy_pushes_wait()
    {
        await using var desk = await RawDevice.ConnectAsync(shared.Server, owner);
        var project = await AddTreeAsync(desk);
        await using var watch = await RawDevice.ConnectAsync(shared.Server, owner);
        var before = (await watch.PullAsync(0, entities: ["devices"])).To;
        const int Pushes = 4;
        var pushes = new List<PushMessage>();
        for (var i = 0; i < Pushes; i++)
            pushes.Add(await desk.SendAsync(Toggles(project, 7)));
        await UntilBegunAsync(watch, before);
        var door = await HttpDoor.OpenAsync(shared.Server, owner);
        var answer = await door.DeleteAsync($"/v1/devices/{watch.Device.Id}");
        Assert.Equal(HttpStatusCode.NoContent, answer.Status);

        var last = new List<long>();
        foreach (var push in pushes)
            last.Add((await ExpectTakenAsync(desk, push))[^1].Version!.Value);
        var head = (await desk.PullAsync(last[^1])).To;
        var revoked = await FindDeviceChangeAsync(desk, before, head);
        Assert.True(revoked < last[Pushes / 2], $"{revoked} is not among the first of {last[^1]}");
    }

    [Fact]
    public async Task The_values_that_won_end_where_an_answer_would_become_longer_than_a_frame()
    {
        await using var desk = await RawDevice.ConnectAsync(shared.Server, owner);
        await using var phone = await RawDevice.ConnectAsync(shared.Server, owner);
        var note = Guid.NewGuid();
        var row = (await desk.PushAsync(Edits.Note(note, "")))[0].Version!.Value;
        var body = Edits.Text(new string('x', NoteLength));
        await desk.PushAsync(Edits.Update("notes", note, row, ("body", body)));
        await phone.SendAsync([
            .. Enumerable
                .Range(0, 100)
                .Select(_ =>
                    Edits.Update("notes", note, row, ("body", Edits.Text("late"))) with
                    {
                        AgeMs = 3_600_000,
                    }
                ),
        ]);
        var answer = await phone.Socket.ExpectFrameAsync<PushedMessage>();
        var results = ((PushedMessage)answer.Message).Results;
        Assert.All(results, verdict => Assert.Equal(ChangeStatus.Superseded, verdict.Status));
        Assert.Equal(
            [.. Enumerable.Repeat(true, 15), .. Enumerable.Repeat(false, 85)],
            results.Select(verdict => verdict.Fields is not null)
        );
        Assert.InRange(answer.Utf8.Length, NoteLength, 2 * Limits.FrameBytes);
    }

    [Fact]
    public async Task Long_conflicts_come_as_several_pages()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        var refused = new List<ChangeId>();
        for (var i = 0; i < 20; i++)
        {
            var change = Edits.Note(Guid.NewGuid(), new string((char)('a' + i), 300_000));
            Assert.Equal("value_too_large", (await device.PushAsync(change))[0].Code);
            refused.Add(change.Change);
        }
        var door = await HttpDoor.OpenAsync(shared.Server, owner);
        var found = new List<ChangeId>();
        var (next, pages) = ("", 0);
        do
        {
            var answer = await door.GetAsync($"/v1/conflicts?limit=500{next}");
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            Assert.InRange(answer.Utf8.Length, 300_000, 2 * Limits.FrameBytes);
            var page = WireCodec.ReadConflicts(answer.Utf8);
            found.AddRange(page.Conflicts.Select(conflict => conflict.Change));
            next = page.Next is { } before ? $"&before={before}" : "";
            pages++;
        } while (next.Length > 0);
        Assert.Equal(refused.AsEnumerable().Reverse(), found);
        Assert.InRange(pages, 6, 20);
    }

    [Fact]
    public async Task A_type_that_is_named_often_counts_once()
    {
        await using var device = await RawDevice.ConnectAsync(shared.Server, owner);
        await device.PushAsync(Edits.Project(), Edits.Note(Guid.NewGuid(), "a note"));
        var often = await device.PullAsync(0, entities: [.. Enumerable.Repeat("notes", 10_000)]);
        Assert.Equal("notes", Assert.Single(often.Changes).Entity);
    }

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The verdicts on a push. A gateway that does not wait for them any longer says
    /// <c>overloaded</c>; then, like every device, this one sends again, and is told what became of it.
    /// </summary>
    private static async Task<IReadOnlyList<WireVerdict>> ExpectTakenAsync(
        RawDevice device,
        PushMessage push,
        bool isAgain = false
    )
    {
        while (true)
        {
            var answer = await device.Socket.ExpectAsync<ServerMessage>(
                message =>
                    message switch
                    {
                        PushedMessage pushed => pushed.Ref == push.Ref,
                        ErrorMessage error => error.Ref == push.Ref,
                        _ => false,
                    },
                Patience
            );
            if (answer is PushedMessage { Results: var verdicts })
            {
                var status = isAgain ? ChangeStatus.Duplicate : ChangeStatus.Applied;
                Assert.All(verdicts, verdict => Assert.Equal(status, verdict.Status));
                return verdicts;
            }
            Assert.Equal(ErrorCode.Overloaded.Name(), ((ErrorMessage)answer).Code);
            await device.Socket.SendAsync(push);
            isAgain = true;
        }
    }

    private static async Task UntilBegunAsync(RawDevice watch, long before)
    {
        while ((await watch.PullAsync(before, entities: ["devices"])).To == before)
            await Task.Delay(TimeSpan.FromMilliseconds(50));
    }

    private static async Task<long> FindDeviceChangeAsync(RawDevice device, long after, long head)
    {
        var page = await device.PullAsync(after, entities: ["devices"]);
        while (page.Changes.Count == 0 && page.To < head)
            page = await device.PullAsync(page.To, entities: ["devices"]);
        return Assert.Single(page.Changes).Version;
    }

    private static async Task<Guid> AddTreeAsync(RawDevice device)
    {
        var project = Guid.NewGuid();
        await device.PushAsync(Edits.Project(project));
        foreach (var tasks in Enumerable.Range(0, Tasks).Chunk(Limits.PushChanges))
            await device.PushAsync([.. tasks.Select(_ => NewTask(project))]);
        return project;
    }

    /// <summary>Deletes the project and brings it back, in turn.</summary>
    private static WireChange[] Toggles(Guid project, int count) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(i =>
                    i % 2 == 0
                        ? Edits.Delete("projects", project)
                        : Edits.Project(project, $"back {i}")
                ),
        ];

    private static WireChange NewTask(Guid project) =>
        Edits.Create(
            "tasks",
            Guid.NewGuid(),
            ("project_id", Edits.Text(project)),
            ("title", Edits.Text("a task")),
            ("status", Edits.Text("open"))
        );
}
