using System.CommandLine;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Orchestra.Benchmarks.Pure;

/// <summary>What decisions and codec cost without store, grain or network: time and memory.</summary>
internal static class PureCommand
{
    public static Command Create()
    {
        var command = new Command(
            "pure",
            "Resolve, fold, digest and codec, by BenchmarkDotNet, to which all further arguments go: --filter '*OneChange*'"
        )
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.SetAction(parsed => Run([.. parsed.UnmatchedTokens]));
        return command;
    }

    private static void Run(string[] arguments) =>
        BenchmarkSwitcher
            .FromTypes([typeof(OneChange), typeof(OnePush), typeof(Frames)])
            .Run(arguments.Length == 0 ? ["--filter", "*"] : arguments, Configuration());

    /// <summary>
    /// In this process: another one would first have to be restored and built, against lock files that
    /// know nothing of it.
    /// </summary>
    private static ManualConfig Configuration() =>
        ManualConfig
            .CreateEmpty()
            .AddJob(
                Job.Default.WithToolchain(InProcessEmitToolchain.Instance)
                    .WithIterationTime(Perfolizer.Horology.TimeInterval.FromMilliseconds(200))
                    .WithWarmupCount(8)
                    .WithIterationCount(12)
            )
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddLogger(ConsoleLogger.Default)
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddColumn(StatisticColumn.Median)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "orchestra-benchmarks"));
}
