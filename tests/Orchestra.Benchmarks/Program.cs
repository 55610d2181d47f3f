using System.CommandLine;
using Orchestra.Benchmarks.Apply;
using Orchestra.Benchmarks.Meaning;
using Orchestra.Benchmarks.PushPath;

return await new RootCommand("What Orchestra does, measured: build it in Release.")
{
    ApplyCommand.Create(),
    PathCommand.Create(),
    MeaningCommand.Create(),
}
    .Parse(args)
    .InvokeAsync();
