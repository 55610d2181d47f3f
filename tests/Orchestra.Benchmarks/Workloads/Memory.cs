using System.Globalization;

namespace Orchestra.Benchmarks.Workloads;

/// <summary>A process' resident memory in bytes, from <c>/proc</c>.</summary>
internal static class Memory
{
    public static long Of(int process) => Read(process, "VmRSS:");

    /// <summary>The most since <see cref="ForgetPeak"/>.</summary>
    public static long PeakOf(int process) => Read(process, "VmHWM:");

    public static void ForgetPeak(int process) =>
        File.WriteAllText($"/proc/{process}/clear_refs", "5");

    private static long Read(int process, string name)
    {
        var line = File.ReadLines($"/proc/{process}/status")
            .First(line => line.StartsWith(name, StringComparison.Ordinal));
        return 1024
            * long.Parse(
                line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(),
                CultureInfo.InvariantCulture
            );
    }
}
