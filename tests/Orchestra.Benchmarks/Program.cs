using System.CommandLine;
using Orchestra.Benchmarks.Apply;
using Orchestra.Benchmarks.Meaning;
using Orchestra.Benchmarks.Pure;
using Orchestra.Benchmarks.PushPath;
using Orchestra.Benchmarks.Search;
using Orchestra.Benchmarks.Workloads;
using Orchestra.Benchmarks.Workloads.Bare;

return await new RootCommand("What Orchestra does, measured: build it in Release.")
{
    ApplyCommand.Create(),
    PathCommand.Create(),
    PureCommand.Create(),
    SearchCommand.Create(),
    MeaningCommand.Create(),
    WorkloadsCommand.Create(),
    EchoCommand.Create(),
}
    .Parse(args)
    .InvokeAsync();
