namespace Orchestra.Benchmarks.Workloads;

/// <summary>One line of the table.</summary>
/// <param name="Workload">W1 to W8.</param>
/// <param name="What">What was measured.</param>
/// <param name="Unit">Of <paramref name="Ours"/> and <paramref name="Limit"/>.</param>
/// <param name="Ours">The product's figure, the median of all rounds.</param>
/// <param name="Limit">What it is compared with; null = nothing.</param>
/// <param name="Goal">What it should be; null = it is only shown.</param>
/// <param name="Processors">Who took the processor time meanwhile.</param>
internal sealed record Finding(
    string Workload,
    string What,
    string Unit,
    double Ours,
    double? Limit,
    Goal? Goal,
    Processors? Processors = null
)
{
    /// <summary>Compares rounds: ratios are taken within each, and of those the median.</summary>
    public static Finding Of(
        string workload,
        string what,
        string unit,
        IReadOnlyList<(double Ours, double Limit, Processors? Processors)> rounds,
        Goal? goal
    ) =>
        new(
            workload,
            what,
            unit,
            rounds.Select(round => round.Ours).Median(),
            rounds.Select(round => round.Limit).Median(),
            goal,
            Orchestra.Benchmarks.Workloads.Processors.MedianOf(
                rounds.Select(round => round.Processors)
            )
        )
        {
            Value = rounds.Select(round => round.Ours / round.Limit).Median(),
        };

    /// <summary>What the goal speaks of: the ratio to the limit, or the figure where there is none.</summary>
    public double Value { get; init; } = Limit is { } limit ? Ours / limit : Ours;

    public Verdict? Verdict => Goal?.Judge(Value);
}

/// <param name="Must">What it has to be at least, or at most.</param>
/// <param name="Good">What it had better be.</param>
/// <param name="MoreIsBetter">Which of the two.</param>
internal sealed record Goal(double Must, double Good, bool MoreIsBetter)
{
    public static Goal AtLeast(double must, double good) => new(must, good, true);

    public static Goal AtMost(double must, double good) => new(must, good, false);

    public Verdict Judge(double value) =>
        Reaches(value, Good) ? Verdict.Goal
        : Reaches(value, Must) ? Verdict.Must
        : Verdict.Missed;

    private bool Reaches(double value, double bound) =>
        MoreIsBetter ? value >= bound : value <= bound;
}

internal enum Verdict
{
    Goal,
    Must,
    Missed,
}
