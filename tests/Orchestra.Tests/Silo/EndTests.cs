using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Processes;

namespace Orchestra.Tests.Silo;

/// <summary>A process that is told to end does.</summary>
public sealed class EndTests
{
    [Fact]
    public async Task Without_its_database_it_ends_when_its_time_is_over()
    {
        await using var postgres = await PostgresServer.StartAsync();
        var database = await MigratedDatabase.CreateAsync(postgres);
        await using var silo = await SiloProcess.StartAsync(
            ("Orchestra__Postgres__ConnectionString", database.ConnectionString()),
            ("Orchestra__ShutdownSeconds", "1")
        );
        await postgres.KillAsync();
        // By itself Orleans tries for two minutes to tell its table; the kit waits for one.
        Assert.Equal(1, await silo.StopAsync());
        Assert.Contains(silo.Lines, line => line.Contains("ends without having left in order"));
    }
}
