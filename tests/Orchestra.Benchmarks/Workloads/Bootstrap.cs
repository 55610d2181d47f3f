using System.Diagnostics;
using Orchestra.Benchmarks.Workloads.Bare;
using Orchestra.Benchmarks.Workloads.Devices;
using Orchestra.Client;
using Orchestra.Sync;

namespace Orchestra.Benchmarks.Workloads;

/// <summary>W3: how long a new device takes to have 100,000 rows in its database.</summary>
internal sealed class Bootstrap : IWorkload
{
    private const int Rows = 100_000;

    public string Name => "W3";

    public async Task<IReadOnlyList<Finding>> RunAsync(
        Stage stage,
        WorkloadSettings settings,
        Action advance,
        CancellationToken cancel
    )
    {
        var owner = Stage.NewOwner();
        using var device = await stage.ConnectAsync(owner, cancel);
        var writer = new PushWriter(device);
        for (var i = 0; i < Rows; i += Limits.PushChanges)
            await device.PushAsync(writer.Create(Limits.PushChanges), cancel);
        List<(double Ours, double Limit, Processors? Processors)> rounds = [];
        for (var i = 0; i <= settings.Rounds; i++)
        {
            var folder = Directory.CreateTempSubdirectory("orchestra-");
            var copied = await BareCopy.RunAsync(
                stage,
                owner,
                Path.Combine(folder.FullName, "bare.db"),
                cancel
            );
            var ours = await FillAsync(
                stage,
                owner,
                Path.Combine(folder.FullName, "device.db"),
                cancel
            );
            folder.Delete(recursive: true);
            if (i > 0)
                rounds.Add((ours.TotalSeconds, copied.TotalSeconds, null));
            advance();
        }
        // The client is what is measured, and works in the load's process.
        return [Finding.Of(Name, "a new device, 100,000 rows", "s", rounds, Goal.AtMost(1.5, 1.2))];
    }

    private static async Task<TimeSpan> FillAsync(
        Stage stage,
        OwnerId owner,
        string database,
        CancellationToken cancel
    )
    {
        var start = Stopwatch.GetTimestamp();
        await using var client = await OrchestraClient.OpenAsync(
            new ClientOptions
            {
                Database = database,
                Server = stage.Silo.Gateway,
                DeviceName = "new",
                Token = (_, token) => stage.TokenAsync(owner, token),
            },
            cancel
        );
        await client.SyncAsync(cancel);
        return Stopwatch.GetElapsedTime(start);
    }
}
