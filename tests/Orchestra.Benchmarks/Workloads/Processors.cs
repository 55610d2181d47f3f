namespace Orchestra.Benchmarks.Workloads;

/// <summary>Shares of the processor time that load, server and PostgreSQL took together, 0 to 1.</summary>
internal sealed record Processors(double Load, double Silo, double Postgres)
{
    public override string ToString() => $"{Load:P0} / {Silo:P0} / {Postgres:P0}";

    /// <returns>Null if nobody looked.</returns>
    public static Processors? MedianOf(IEnumerable<Processors?> all)
    {
        var known = all.OfType<Processors>().ToList();
        return known.Count == 0
            ? null
            : new(
                known.Select(one => one.Load).Median(),
                known.Select(one => one.Silo).Median(),
                known.Select(one => one.Postgres).Median()
            );
    }
}
