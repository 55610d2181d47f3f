using Microsoft.Extensions.Logging.Abstractions;
using Orchestra.Database.Postgres;
using Orchestra.Database.Postgres.Maintenance;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Cluster.Plans;

/// <summary>Every statement of the engine, run and explained with both kinds of plan.</summary>
public sealed class ExplainedRuns : IAsyncLifetime
{
    /// <summary>Planned for the values at hand, as statements are that are not prepared.</summary>
    public const string Custom = "custom";

    /// <summary>Planned for any values, as prepared statements are in the end.</summary>
    public const string Generic = "generic";

    /// <summary>What the maintenance login ran, in the end: it takes a month away.</summary>
    public const string Maintenance = "maintenance";

    private readonly Dictionary<string, IReadOnlyList<ExplainedStatement>> byKind = [];

    public SeededServer Server { get; } = new();

    /// <summary>As it was seeded.</summary>
    public SeededSize Size { get; private set; } = null!;

    public IEnumerable<(string Kind, ExplainedStatement Statement)> All =>
        from kind in byKind
        from statement in kind.Value
        select (kind.Key, statement);

    public IReadOnlyList<ExplainedStatement> Of(string kind) => byKind[kind];

    public async Task InitializeAsync()
    {
        await Server.InitializeAsync();
        Size = await Server.MeasureAsync();
        await RunAsync(Custom, () => EveryCall.RunAsync(Server, "force_custom_plan", 1));
        await RunAsync(Generic, () => EveryCall.RunAsync(Server, "force_generic_plan", 2));
        await RunAsync(Maintenance, MaintainAsync);
    }

    public Task DisposeAsync() => Server.DisposeAsync();

    private async Task RunAsync(string kind, Func<Task> run)
    {
        var start = Server.Log.Length;
        await run();
        byKind[kind] =
        [
            .. ExplainedStatement.In(Server.Log[start..]).Where(statement => statement.IsOurs),
        ];
    }

    /// <summary>At the moment that the seeding reached: one month is due, and old tombstones.</summary>
    private async Task MaintainAsync()
    {
        var maintenance = new PostgresMaintenance(
            Server.ConnectionString("orchestra_maintenance"),
            new MovedTime(SeededServer.Plan.Now),
            NullLoggerFactory.Instance
        );
        var report = await maintenance.RunAsync(
            new Retention(LogMonths: 12, TombstoneDays: 200, MonthsAhead: 2),
            new Progress<string>(),
            CancellationToken.None
        );
        Assert.True(report is { MonthsDropped: 1, OwnersHeld: 0, TombstonesCollected: > 1_000 });
    }
}
