using Orchestra.Sync;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Protocol;

/// <summary>One server for all tests that do nothing to it: each has owners of its own.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    private IServerUnderTest? server;

    public IServerUnderTest Server => server!;

    public static OwnerId NewOwner() => new(Guid.NewGuid());

    public async Task InitializeAsync() => server = await IServerUnderTest.StartAsync();

    public Task DisposeAsync() => Server.DisposeAsync().AsTask();
}

[CollectionDefinition(nameof(SharedServer))]
public sealed class SharedServerTests : ICollectionFixture<SharedServer>;
