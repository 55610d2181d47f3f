using System.CommandLine;
using Orchestra.Silo.Hosting;

namespace Orchestra.Silo.Commands;

internal static class VersionCommand
{
    public static Command Create()
    {
        var command = new Command("version", "Prints the version of this build.");
        command.SetAction(_ => Console.WriteLine(ProductVersion.Text));
        return command;
    }
}
