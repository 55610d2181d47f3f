using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.TestKit.Grains;
using static Orchestra.Tests.Grains.Pushes;

namespace Orchestra.Tests.Grains;

/// <summary>An owner with many devices that all push.</summary>
public sealed class HotOwnerTests : IAsyncLifetime
{
    private const int Devices = 20;
    private const int Changes = 500;

    private readonly Guid owner = Guid.NewGuid();
    private GrainBench bench = null!;

    public async Task InitializeAsync() => bench = await GrainBench.StartAsync();

    public Task DisposeAsync() => bench.DisposeAsync().AsTask();

    [Fact]
    public async Task A_hot_owner_is_loaded_once_when_his_grain_has_moved()
    {
        var sessions = await OpenAsync(owner);
        await bench.ForgetAllAsync();
        var before = bench.Store.Loads;
        await Task.WhenAll(sessions.Select((session, i) => PushAsync(owner, session, i, count: 1)));
        Assert.Equal(1, bench.Store.Loads - before);
    }

    [Fact]
    public async Task A_hot_owner_does_not_starve_another()
    {
        var sessions = await OpenAsync(owner);
        var other = Guid.NewGuid();
        var quiet = await bench.Owner(other).OpenSession(Desk);

        var backlog = sessions
            .Select((session, i) => PushAsync(owner, session, i, Changes))
            .ToList();
        await bench.Owner(other).Push(Desk.Push(quiet, Project(1, 1, "at last")));

        var waiting = backlog.Count(push => !push.IsCompleted);
        Assert.True(waiting > Devices / 2, $"Only {waiting} of {Devices} waited longer");
        await Task.WhenAll(backlog);
    }

    private async Task<List<Session>> OpenAsync(Guid who)
    {
        var sessions = new List<Session>();
        for (var i = 0; i < Devices; i++)
            sessions.Add(await bench.Owner(who).OpenSession(Device(10 + i)));
        return sessions;
    }

    private Task<IReadOnlyList<Verdict>> PushAsync(Guid who, Session session, int i, int count) =>
        bench
            .Owner(who)
            .Push(
                Device(10 + i)
                    .Push(
                        session,
                        [
                            .. Enumerable
                                .Range(1, count)
                                .Select(seq => Project(seq, i * 1_000 + seq, "x")),
                        ]
                    )
            );
}
