using Microsoft.Extensions.DependencyInjection;
using Orchestra.Grains;
using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Stores;
using Orleans.TestingHost;

namespace Orchestra.TestKit.Grains;

/// <summary>Real silos in this process, over a real store.</summary>
public sealed class GrainBench : IAsyncDisposable
{
    private readonly IStoreBench files;
    private readonly InProcessTestCluster cluster;

    private GrainBench(IStoreBench files, FaultyStore store, InProcessTestCluster cluster)
    {
        this.files = files;
        this.cluster = cluster;
        Store = store;
    }

    public FaultyStore Store { get; }

    public IGrainFactory Grains => cluster.Client;

    public IReadOnlyList<InProcessSiloHandle> Silos => cluster.Silos;

    /// <summary>Ends a silo without giving it time for anything.</summary>
    public Task KillAsync(InProcessSiloHandle silo) => cluster.KillSiloAsync(silo);

    /// <param name="files">Null = the store that the tests run on.</param>
    /// <param name="silos">How many, all on one store.</param>
    /// <param name="more">Services besides those of grains.</param>
    public static async Task<GrainBench> StartAsync(
        IStoreBench? files = null,
        short silos = 1,
        Action<IServiceCollection>? more = null
    )
    {
        files ??= StoreUnderTest.IsPostgres
            ? new PostgresBench()
            : new SqliteBench(inMemory: false);
        var store = new FaultyStore(await files.OpenAsync());
        var catalog = await store.LoadCatalogAsync(CancellationToken.None);
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureSilo(
            (_, silo) =>
            {
                silo.Services.AddSingleton<ISyncStore>(store).AddSingleton(catalog).AddSyncGrains();
                more?.Invoke(silo.Services);
            }
        );
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new(files, store, cluster);
    }

    public ISyncGrain Owner(Guid id) => Grains.GetGrain<ISyncGrain>(id);

    /// <summary>Ends every activation: the next call finds a grain that knows nothing.</summary>
    public Task ForgetAllAsync() =>
        Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);

    /// <summary>The same data through another store, as a second cluster has it.</summary>
    public Task<ISyncStore> OpenAnotherStoreAsync() => files.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        await files.DisposeAsync();
    }
}
