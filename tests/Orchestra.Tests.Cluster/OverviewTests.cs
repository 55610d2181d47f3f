using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Processes;

namespace Orchestra.Tests.Cluster;

/// <summary>The operators' page of a cluster that loses a silo.</summary>
public sealed class OverviewTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task A_silo_that_was_killed_is_missed_although_it_was_the_one_that_kept_the_list()
    {
        var database = await MigratedDatabase.CreateAsync();
        await using var first = await SiloProcess.StartAsync(
            ("Orchestra__Postgres__ConnectionString", database.ConnectionString()),
            (
                "Orchestra__Postgres__MaintenanceConnectionString",
                database.ConnectionString(MigratedDatabase.Maintenance)
            )
        );
        // There is no other silo that could keep it.
        Assert.Single(await ReadUntilAsync(first, shown => shown.Count == 1));
        await using var second = await SiloProcess.JoinAsync(first);
        await ReadUntilAsync(second, shown => shown.Count == 2);

        await first.KillAsync();
        var missed = await ReadUntilAsync(second, shown => shown.Count(IsSilent) == 1);
        Assert.Equal(2, missed.Count);
    }

    [Fact]
    public async Task A_silo_that_stops_in_order_is_not_missed()
    {
        var database = await MigratedDatabase.CreateAsync();
        await using var first = await SiloProcess.StartAsync(
            ("Orchestra__Postgres__ConnectionString", database.ConnectionString())
        );
        await using var second = await SiloProcess.JoinAsync(first);
        await ReadUntilAsync(second, shown => shown.Count == 2);
        await first.StopAsync();
        // It is shown as leaving, or not at all where it had kept the list itself.
        await ReadUntilAsync(second, shown => shown.Count(process => !IsLeaving(process)) == 1);
    }

    private static bool IsSilent(JsonNode process) =>
        TimeSpan.Parse($"{process["silentFor"]}") >= TimeSpan.FromSeconds(15);

    private static bool IsLeaving(JsonNode process) =>
        process["report"]!["samples"]!
            .AsArray()
            .Any(sample =>
                $"{sample!["name"]}" == "orchestra.draining" && (double)sample["value"]! == 1
            );

    private static async Task<List<JsonNode>> ReadUntilAsync(
        SiloProcess silo,
        Func<List<JsonNode>, bool> isThere
    )
    {
        using var http = new HttpClient { BaseAddress = silo.Admin };
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            using var answer = await http.GetAsync("overview/data", patience.Token);
            // Until the other is given up, the cluster may not answer.
            if (answer.IsSuccessStatusCode)
            {
                var overview = await answer.Content.ReadFromJsonAsync<JsonNode>();
                var shown = overview!["processes"]!.AsArray().Select(process => process!).ToList();
                if (isThere(shown))
                    return shown;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(250), patience.Token);
        }
    }
}
