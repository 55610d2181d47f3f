using System.CommandLine;
using Orchestra.TestKit.Silos;
using Orchestra.TestKit.Stores;

namespace Orchestra.Benchmarks.PushPath;

/// <summary>What a push costs on its way: grain calls, round trips to the database, memory.</summary>
internal static class PathCommand
{
    private static readonly IReadOnlyList<Load> Loads =
    [
        new("1 owner, 1 change a push", Owners: 1, Changes: 1),
        new("1 owner, 100 changes a push", Owners: 1, Changes: 100),
        new("64 owners, 1 change a push", Owners: 64, Changes: 1),
    ];

    private static readonly Option<string> Store = new("--store")
    {
        Description = "embedded, or postgres: a server of its own, started and removed",
        DefaultValueFactory = _ => "postgres",
    };

    private static readonly Option<int> Seconds = new("--seconds")
    {
        Description = "How long each case is measured, after as long a warm-up",
        DefaultValueFactory = _ => 10,
    };

    private static readonly Option<int> Types = new("--types")
    {
        Description =
            "How many of the types that most memory is allocated for to list, warm-up included",
    };

    public static Command Create()
    {
        Store.AcceptOnlyFromAmong("embedded", "postgres");
        var command = new Command(
            "path",
            "Devices that push over WebSockets to a silo in this process, each one push after the other"
        )
        {
            Store,
            Seconds,
            Types,
        };
        command.SetAction(
            (parsed, cancel) =>
                RunAsync(
                    parsed.GetValue(Store)!,
                    TimeSpan.FromSeconds(parsed.GetValue(Seconds)),
                    parsed.GetValue(Types),
                    cancel
                )
        );
        return command;
    }

    private static async Task RunAsync(
        string store,
        TimeSpan length,
        int types,
        CancellationToken cancel
    )
    {
        Environment.SetEnvironmentVariable(
            StoreUnderTest.Variable,
            store == "postgres" ? "postgres" : null
        );
        await using var silo = await RunningSilo.StartAsync(
            null,
            ("Logging:LogLevel:Default", "Warning"),
            ("Orchestra:Gateway:RequestsPerSecond", "1000000")
        );
        using var counters = new Counters();
        using var allocations = types > 0 ? new Allocations() : null;
        Console.WriteLine(
            $"{store, -28} {"pushes/s", 10} {"changes/s", 10} {"calls/push", 11} {"trips/push", 11} {"bytes/change", 13}"
        );
        foreach (var load in Loads)
        {
            var cost = await load.RunAsync(silo, counters, length, cancel);
            Console.WriteLine(
                $"{load.Name, -28} {cost.PushesPerSecond, 10:N0} {cost.ChangesPerSecond, 10:N0} {cost.CallsPerPush, 11:N2} {cost.TripsPerPush, 11:N2} {cost.BytesPerChange, 13:N0}"
            );
        }
        Console.WriteLine(
            $"activations for each owner with a device: {await CountActivationsAsync(silo, counters, cancel):N2}"
        );
        foreach (var (type, bytes) in allocations?.Most(types) ?? [])
            Console.WriteLine($"{bytes >> 10, 10:N0} KB {type}");
    }

    private static async Task<double> CountActivationsAsync(
        RunningSilo silo,
        Counters counters,
        CancellationToken cancel
    )
    {
        const int Owners = 200;
        var before = counters.Read().Activations;
        var devices = new List<PushingDevice>();
        for (var i = 0; i < Owners; i++)
            devices.Add(await PushingDevice.ConnectAsync(silo, cancel));
        var activations = counters.Read().Activations - before;
        foreach (var device in devices)
            device.Dispose();
        return (double)activations / Owners;
    }
}
