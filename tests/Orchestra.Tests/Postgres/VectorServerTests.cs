using Npgsql;
using Orchestra.TestKit.Postgres;

namespace Orchestra.Tests.Postgres;

public sealed class VectorServerTests
{
    [VectorFact]
    public async Task The_nearest_vectors_are_found_in_order()
    {
        await using var server = await PostgresServer.StartVectorAsync();
        await using var database = NpgsqlDataSource.Create(
            server.ConnectionString(await server.CreateDatabaseAsync())
        );
        await using var command = database.CreateCommand(
            """
            create extension vector;
            create table points (name text, place vector(3));
            insert into points values ('far', '[9,9,9]'), ('near', '[1,1,2]'), ('here', '[1,1,1]');
            select string_agg(name, ' ' order by place <-> '[1,1,1]') from points;
            """
        );
        Assert.Equal("here near far", await command.ExecuteScalarAsync());
    }

    [VectorFact]
    public async Task A_server_with_vectors_comes_back_after_kill_9()
    {
        await using var server = await PostgresServer.StartVectorAsync();
        await server.KillAsync();
        await server.RestartAsync();
        Assert.NotEmpty(await server.CreateDatabaseAsync());
    }
}
