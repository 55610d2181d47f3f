using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Orchestra.Cli;

/// <summary>
/// What <c>orchestra --help</c> says: the commands by what they are for, and what exit codes mean. A
/// command's own help stays the library's.
/// </summary>
internal sealed class RootHelp(IReadOnlyList<CommandGroup> groups, HelpAction usual)
    : SynchronousCommandLineAction
{
    public static void Install(RootCommand root, IReadOnlyList<CommandGroup> groups)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new RootHelp(groups, (HelpAction)help.Action!);
    }

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        if (parseResult.CommandResult.Command is not RootCommand root)
            return usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine(root.Description);
        output.WriteLine("\nUsage: orchestra <command> [options]");
        foreach (var group in groups)
            Write(output, group.Name, group.Commands.Select(c => (c.Name, c.Description)));
        Write(output, "Options", root.Options.Select(o => (Name(o), o.Description)));
        Write(output, "Exit codes", ExitCode.Meanings.Select((text, i) => ($"{i}", (string?)text)));
        output.WriteLine("\norchestra <command> --help says more about a command.");
        return ExitCode.Done;
    }

    private static string Name(Option option) =>
        option.HelpName is { } value ? $"{option.Name} <{value}>" : option.Name;

    private static void Write(
        TextWriter output,
        string title,
        IEnumerable<(string Name, string? Description)> lines
    )
    {
        output.WriteLine($"\n{title}:");
        foreach (var (name, description) in lines)
            output.WriteLine($"  {name, -13} {description}");
    }
}
