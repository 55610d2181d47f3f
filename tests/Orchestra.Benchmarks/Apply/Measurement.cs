namespace Orchestra.Benchmarks.Apply;

/// <param name="Rows">Entries applied.</param>
/// <param name="Elapsed">By the clock, disk included.</param>
/// <param name="Cpu">Of the whole process: what other programs do meanwhile does not count.</param>
/// <param name="Parsing">Of that, from bytes to messages.</param>
internal sealed record Measurement(long Rows, TimeSpan Elapsed, TimeSpan Cpu, TimeSpan Parsing)
{
    public double RowsPerSecond => Rows / Elapsed.TotalSeconds;

    public double RowsPerCpuSecond => Rows / Cpu.TotalSeconds;

    public double ParsingShare => Parsing / Cpu;
}
