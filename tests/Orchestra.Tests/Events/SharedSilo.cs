using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Events;

/// <summary>One silo for all tests that look into it and do nothing to it.</summary>
public sealed class SharedSilo : IAsyncLifetime
{
    private RunningSilo? silo;

    public RunningSilo Silo => silo!;

    public async Task InitializeAsync() => silo = await RunningSilo.StartAsync();

    public Task DisposeAsync() => Silo.DisposeAsync().AsTask();
}

[CollectionDefinition(nameof(SharedSilo))]
public sealed class SharedSiloTests : ICollectionFixture<SharedSilo>;
