using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orchestra.Gateway.Feeds;
using Orchestra.Gateway.Requests;
using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.TestKit.Grains;
using Orchestra.Tests.Grains;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace Orchestra.Tests.Gateway;

/// <summary>What a gateway does about a silo that dies with a grain it needs.</summary>
public sealed class MovedGrainTests : IAsyncLifetime
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    /// <summary>Only ever waited for in full by a test that fails.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private GrainBench bench = null!;

    private InProcessSiloHandle Here => bench.Silos[0];

    private InProcessSiloHandle There => bench.Silos[1];

    private IGrainFactory Gateway => Here.ServiceProvider.GetRequiredService<IGrainFactory>();

    public async Task InitializeAsync() =>
        bench = await GrainBench.StartAsync(
            silos: 2,
            more: services => services.AddSingleton<IOutgoingGrainCallFilter, RetryLostCalls>()
        );

    public Task DisposeAsync() => bench.DisposeAsync().AsTask();

    [Fact]
    public async Task A_push_that_a_silo_took_with_it_is_made_again_and_answered()
    {
        var (owner, session) = await FindOwnerThereAsync();
        var entered = new TaskCompletionSource();
        var blocked = new TaskCompletionSource();
        bench.Store.BeforeCommit = () =>
        {
            entered.SetResult();
            return blocked.Task;
        };
        var push = Gateway
            .GetGrain<ISyncGrain>(owner)
            .Push(Pushes.Desk.Push(session, Pushes.Project(1, 1, "one")));
        await entered.Task.WaitAsync(Patience);

        var killed = bench.KillAsync(There);
        var verdict = Assert.Single(await push.WaitAsync(Patience));
        blocked.SetResult();
        await killed.WaitAsync(Patience);

        Assert.Equal(ChangeStatus.Applied, verdict.Status);
        Assert.Equal(session.Head.Version + 1, verdict.Version);
    }

    [Fact]
    public async Task A_feed_whose_grain_has_gone_subscribes_anew_long_before_its_lease_ends()
    {
        var (owner, session) = await FindOwnerThereAsync();
        var time = new FakeTimeProvider();
        var feeds = new OwnerFeeds(
            Gateway,
            new CatalogView(Gateway),
            time,
            NullLogger<OwnerFeeds>.Instance
        );
        var feed = feeds.Enter(new OwnerId(owner));
        await feed.SubscribeAsync();
        using var stop = new CancellationTokenSource();
        var renewal = new LeaseRenewal(feeds, Gateway, time, NullLogger<LeaseRenewal>.Instance);
        var renewing = renewal.RunAsync(stop.Token);
        await bench.KillAsync(There).WaitAsync(Patience);
        HashSet<SiloAddress> live = [Here.SiloAddress];
        Assert.True(feed.NeedsRenewal(live));

        for (var passed = Tick; feed.NeedsRenewal(live); passed += Tick)
        {
            Assert.True(passed < ObserverLease.Renewal / 2, "It waits for its lease to end");
            time.Advance(Tick);
            await UntilAsync(() => !feed.NeedsRenewal(live), TimeSpan.FromSeconds(2));
        }

        // And it is listened to again.
        var head = new Cursor(session.Head.Epoch, session.Head.Version, null, null);
        Assert.True(feed.IsAtHead(head));
        await Gateway
            .GetGrain<ISyncGrain>(owner)
            .Push(Pushes.Desk.Push(session, Pushes.Project(1, 1, "one")));
        Assert.True(await UntilAsync(() => !feed.IsAtHead(head), Patience));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => renewing);
    }

    /// <summary>An owner whose grain is on the silo that is going to die.</summary>
    private async Task<(Guid Owner, Session Session)> FindOwnerThereAsync()
    {
        var management = Gateway.GetGrain<IManagementGrain>(0);
        while (true)
        {
            var owner = Guid.NewGuid();
            var grain = Gateway.GetGrain<ISyncGrain>(owner);
            var session = await grain.OpenSession(Pushes.Desk);
            if (There.SiloAddress.Equals(await management.GetActivationAddress(grain)))
                return (owner, session);
        }
    }

    private static async Task<bool> UntilAsync(Func<bool> isSo, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        while (!isSo() && !limit.IsCancellationRequested)
            await Task.Delay(20, CancellationToken.None);
        return isSo();
    }
}
