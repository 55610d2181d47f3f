using System.CommandLine;
using Orchestra.Benchmarks.Apply;

return await new RootCommand("What Orchestra does, measured: build it in Release.")
{
    ApplyCommand.Create(),
}
    .Parse(args)
    .InvokeAsync();
