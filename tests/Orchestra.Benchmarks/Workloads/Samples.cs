namespace Orchestra.Benchmarks.Workloads;

/// <summary>What is asked of many measurements.</summary>
internal static class Samples
{
    public static double Median(this IEnumerable<double> values) => values.Quantile(0.5);

    /// <param name="values">One or more.</param>
    /// <param name="share">0 to 1.</param>
    public static double Quantile(this IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToList();
        return sorted[(int)Math.Round((sorted.Count - 1) * share)];
    }
}
