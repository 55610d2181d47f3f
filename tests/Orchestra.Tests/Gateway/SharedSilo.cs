using Orchestra.Sync;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Gateway;

/// <summary>One silo for all tests that do nothing to it: each has owners of its own.</summary>
public sealed class SharedSilo : IAsyncLifetime
{
    private RunningSilo? silo;

    public RunningSilo Silo => silo!;

    public static OwnerId NewOwner() => new(Guid.NewGuid());

    public async Task InitializeAsync() => silo = await RunningSilo.StartAsync();

    public Task DisposeAsync() => Silo.DisposeAsync().AsTask();
}

[CollectionDefinition(nameof(SharedSilo))]
public sealed class SharedSiloTests : ICollectionFixture<SharedSilo>;
