namespace Orchestra.Benchmarks.Workloads;

/// <summary>One of the things that devices do to a server, and what it is compared with.</summary>
internal interface IWorkload
{
    /// <summary>W1 to W8.</summary>
    string Name { get; }

    /// <summary>How often a run of it advances: after each round, of which the first one warms up.</summary>
    int Steps(WorkloadSettings settings) => settings.Rounds + 1;

    /// <param name="stage">Where.</param>
    /// <param name="settings">How much.</param>
    /// <param name="advance">Called after each of the steps.</param>
    /// <param name="cancel">Gives up.</param>
    Task<IReadOnlyList<Finding>> RunAsync(
        Stage stage,
        WorkloadSettings settings,
        Action advance,
        CancellationToken cancel
    );
}

/// <param name="Rounds">How often the product and its limit take turns.</param>
/// <param name="Length">How long each of them has.</param>
/// <param name="Sockets">For what is measured with many connections.</param>
internal sealed record WorkloadSettings(int Rounds, TimeSpan Length, int Sockets);
