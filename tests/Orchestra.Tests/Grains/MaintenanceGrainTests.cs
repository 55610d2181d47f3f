using Microsoft.Extensions.DependencyInjection;
using Orchestra.Grains;
using Orchestra.Grains.Interfaces;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Stores;
using Orleans.TestingHost;

namespace Orchestra.Tests.Grains;

public sealed class MaintenanceGrainTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CountedMaintenance maintenance = new();
    private InProcessTestCluster cluster = null!;

    public async Task InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(2);
        builder.ConfigureSilo(
            (_, silo) =>
            {
                silo.UseInMemoryReminderService();
                silo.Services.AddSingleton<IStoreMaintenance>(maintenance)
                    .AddSingleton(TimeProvider.System)
                    .AddMaintenance(new Retention(3, 30, 1));
            }
        );
        cluster = builder.Build();
        await cluster.DeployAsync();
    }

    public async Task DisposeAsync()
    {
        maintenance.End.TrySetResult();
        await cluster.DisposeAsync();
    }

    [Fact]
    public async Task Two_silos_that_start_schedule_one_run_with_their_settings()
    {
        var retention = await maintenance.Begun.Task.WaitAsync(Patience);
        Assert.Equal(new Retention(3, 30, 1), retention);
        // It is under way, and asking again neither waits for it nor begins another.
        await cluster.Client.GetGrain<IMaintenanceGrain>(0).Schedule().WaitAsync(Patience);
        Assert.Equal(1, maintenance.Runs);
    }

    /// <summary>A store whose maintenance takes as long as a test wants.</summary>
    private sealed class CountedMaintenance : IStoreMaintenance
    {
        private int runs;

        public int Runs => runs;

        public TaskCompletionSource<Retention> Begun { get; } = new();

        public TaskCompletionSource End { get; } = new();

        public async Task<MaintenanceReport?> RunAsync(
            Retention retention,
            IProgress<string> progress,
            CancellationToken cancellation
        )
        {
            Interlocked.Increment(ref runs);
            Begun.TrySetResult(retention);
            await End.Task.WaitAsync(cancellation);
            return null;
        }
    }
}
