using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Stores;

namespace Orchestra.Tests.Meaning;

/// <summary>A server with pgvector, if there is one, for tests with a database or owners of their own.</summary>
public sealed class VectorDatabase : IAsyncLifetime
{
    private PostgresServer? server;

    public async Task InitializeAsync()
    {
        if (VectorFactAttribute.IsThere)
            server = await PostgresServer.StartVectorAsync();
    }

    public async Task DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }

    public PostgresServer Server => server!;

    public Task<MigratedDatabase> NewAsync() =>
        MigratedDatabase.CreateAsync(server, PostgresBench.Specimens);
}

[CollectionDefinition(nameof(VectorDatabase))]
public sealed class VectorDatabaseTests : ICollectionFixture<VectorDatabase>;
