using Orchestra.TestKit.Postgres;

namespace Orchestra.Tests.Postgres;

/// <summary>One database for all that test what Orleans does with it.</summary>
public sealed class SharedOrleans : IAsyncLifetime
{
    public MigratedDatabase Database { get; private set; } = null!;

    public async Task InitializeAsync() => Database = await MigratedDatabase.SharedAsync();

    public Task DisposeAsync() => Task.CompletedTask;
}

[CollectionDefinition(nameof(SharedOrleans))]
public sealed class SharedOrleansTests : ICollectionFixture<SharedOrleans>;
