namespace Orchestra.Tests.Cluster.Plans;

/// <summary>Every statement of the engine, run and explained with both kinds of plan.</summary>
public sealed class ExplainedRuns : IAsyncLifetime
{
    /// <summary>Planned for the values at hand, as statements are that are not prepared.</summary>
    public const string Custom = "custom";

    /// <summary>Planned for any values, as prepared statements are in the end.</summary>
    public const string Generic = "generic";

    private readonly Dictionary<string, IReadOnlyList<ExplainedStatement>> byKind = [];

    public SeededServer Server { get; } = new();

    public IEnumerable<(string Kind, ExplainedStatement Statement)> All =>
        from kind in byKind
        from statement in kind.Value
        select (kind.Key, statement);

    public IReadOnlyList<ExplainedStatement> Of(string kind) => byKind[kind];

    public async Task InitializeAsync()
    {
        await Server.InitializeAsync();
        await RunAsync(Custom, 1);
        await RunAsync(Generic, 2);
    }

    public Task DisposeAsync() => Server.DisposeAsync();

    private async Task RunAsync(string kind, int run)
    {
        var start = Server.Log.Length;
        await EveryCall.RunAsync(Server, $"force_{kind}_plan", run);
        byKind[kind] =
        [
            .. ExplainedStatement.In(Server.Log[start..]).Where(statement => statement.IsOurs),
        ];
    }
}
