using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.TestKit.Grains;
using static Orchestra.Tests.Grains.Pushes;

namespace Orchestra.Tests.Grains;

/// <summary>What waits has a bound; beyond it the answer is <c>overloaded</c> and when to come again.</summary>
public sealed class OverloadTests : IAsyncLifetime
{
    private readonly TaskCompletionSource blocked = new();
    private readonly Guid owner = Guid.NewGuid();
    private GrainBench bench = null!;
    private ISyncGrain grain = null!;

    public async Task InitializeAsync()
    {
        bench = await GrainBench.StartAsync();
        grain = bench.Owner(owner);
    }

    public async Task DisposeAsync()
    {
        blocked.TrySetResult();
        await bench.DisposeAsync();
    }

    [Fact]
    public async Task An_owner_has_room_for_20000_changes_and_others_are_not_touched()
    {
        var devices = Enumerable.Range(10, 43).Select(Device).ToList();
        var sessions = await OpenAsync(devices);
        bench.Store.BeforeCommit = () => blocked.Task;

        // A push is taken to be committed, the others wait: 40 of 500 fit.
        var pushes = new List<Task<IReadOnlyList<Verdict>>>();
        for (var i = 0; i < devices.Count; i++)
            pushes.Add(grain.Push(devices[i].Push(sessions[i], Changes(i, 500, "x"))));
        var refused = await Assert.ThrowsAsync<SyncException>(() => FirstFaultAsync(pushes));
        Assert.Equal(ErrorCode.Overloaded, refused.Code);
        Assert.NotNull(refused.RetryAfter);

        var neighbour = bench.Owner(Guid.NewGuid());
        // His first commit shares the store's door with the one that hangs: it only has to be taken.
        var session = neighbour.OpenSession(Desk);
        blocked.SetResult();
        await session;
        Assert.Equal(2, await CountRefusedAsync(pushes));
        // Nothing of a refused push was consumed.
        var late = pushes.FindIndex(push => push.IsFaulted);
        var again = grain.Push(devices[late].Push(sessions[late], Changes(devices.Count, 1, "x")));
        Assert.Single(await again);
    }

    [Fact]
    public async Task And_for_32_MiB_of_them()
    {
        const int Length = 60_000;
        const int Count = 20;
        var devices = Enumerable.Range(10, 35).Select(Device).ToList();
        var sessions = await OpenAsync(devices);
        bench.Store.BeforeCommit = () => blocked.Task;

        var body = new string('x', Length);
        var pushes = new List<Task<IReadOnlyList<Verdict>>>();
        for (var i = 0; i < devices.Count; i++)
            pushes.Add(grain.Push(devices[i].Push(sessions[i], Notes(i, Count, body))));
        var refused = await Assert.ThrowsAsync<SyncException>(() => FirstFaultAsync(pushes));
        Assert.Equal(ErrorCode.Overloaded, refused.Code);
        blocked.SetResult();

        var taken = devices.Count - await CountRefusedAsync(pushes);
        Assert.InRange(taken * (long)Count * Length, 24 * 1024 * 1024, 34 * 1024 * 1024);
    }

    private async Task<List<Session>> OpenAsync(List<DeviceInfo> devices)
    {
        var sessions = new List<Session>();
        foreach (var device in devices)
            sessions.Add(await grain.OpenSession(device));
        return sessions;
    }

    private static Change[] Changes(int device, int count, string name) =>
        [.. Enumerable.Range(1, count).Select(seq => Project(seq, device * 1_000 + seq, name))];

    private static Change[] Notes(int device, int count, string body) =>
        [
            .. Enumerable
                .Range(1, count)
                .Select(seq =>
                    Create(
                        seq,
                        "notes",
                        device * 1_000 + seq,
                        ("title", FieldValue.Text("t")),
                        ("body", FieldValue.Text(body)),
                        ("is_pinned", FieldValue.Boolean(false))
                    )
                ),
        ];

    /// <summary>Some are refused at once, while those that were taken wait.</summary>
    private static async Task FirstFaultAsync(List<Task<IReadOnlyList<Verdict>>> pushes)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!pushes.Any(push => push.IsFaulted))
            await Task.Delay(20, patience.Token);
        await pushes.First(push => push.IsFaulted);
    }

    private static async Task<int> CountRefusedAsync(List<Task<IReadOnlyList<Verdict>>> pushes)
    {
        var refused = 0;
        foreach (var push in pushes)
        {
            try
            {
                Assert.All(await push, verdict => Assert.Null(verdict.Rejection));
            }
            catch (SyncException e) when (e.Code == ErrorCode.Overloaded)
            {
                refused++;
            }
        }
        return refused;
    }
}
