using System.CommandLine;
using Orchestra.Database.Schema;
using Orchestra.Silo.Configuration;

namespace Orchestra.Silo.Commands;

/// <summary>Runs what was typed. What a person can put right is one sentence, never a stack.</summary>
internal static class CommandLine
{
    public const int Failed = 1;
    public const int Misused = 2;

    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args.Length == 0 ? [RunCommand.Name] : args);
        var settings = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            // The host listens for signals itself and takes its time to drain.
            ProcessTerminationTimeout = null,
        };
        try
        {
            var code = await parsed.InvokeAsync(settings);
            return parsed.Errors.Count > 0 ? Misused : code;
        }
        catch (SettingException fault)
        {
            await Console.Error.WriteLineAsync(fault.Message);
            return Misused;
        }
        catch (SchemaException fault)
        {
            await Console.Error.WriteLineAsync(fault.Message);
            return Failed;
        }
    }
}
