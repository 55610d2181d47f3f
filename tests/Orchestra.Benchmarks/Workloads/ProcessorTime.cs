using System.Globalization;

namespace Orchestra.Benchmarks.Workloads;

/// <summary>Processor time that processes have used, from <c>/proc</c>.</summary>
internal static class ProcessorTime
{
    /// <summary>The kernel's unit for it, the same on every Linux.</summary>
    private const double TicksPerSecond = 100;

    private const int Parent = 1;
    private const int Own = 11;
    private const int OfChildren = 13;

    public static TimeSpan Of(int process) => Seconds(Read(process), Own);

    /// <summary>Of a process, of those it started, and of those of them that are gone.</summary>
    public static TimeSpan OfTree(int process)
    {
        var sum = Seconds(Read(process), Own) + Seconds(Read(process), OfChildren);
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (
                int.TryParse(Path.GetFileName(folder), out var id)
                && Read(id) is { } state
                && state[Parent] == process.ToString(CultureInfo.InvariantCulture)
            )
                sum += Seconds(state, Own);
        return sum;
    }

    private static TimeSpan Seconds(string[]? state, int first) =>
        state is null
            ? TimeSpan.Zero
            : TimeSpan.FromSeconds(
                (
                    double.Parse(state[first], CultureInfo.InvariantCulture)
                    + double.Parse(state[first + 1], CultureInfo.InvariantCulture)
                ) / TicksPerSecond
            );

    /// <summary>What follows the name, which may have spaces in it; null = it is gone.</summary>
    private static string[]? Read(int process)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{process}/stat");
            return line[(line.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
