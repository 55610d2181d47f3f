using System.CommandLine;
using Orchestra.Cli.Terminal;

namespace Orchestra.Cli.Commands;

/// <summary>The user's devices. The list is the server's, so it takes a connection.</summary>
internal static class DevicesCommand
{
    public static Command Build(CommandContext context)
    {
        var command = new Command(
            "devices",
            "Show the user's devices, and change them: needs the server"
        )
        {
            BuildList(context, new Command("list", "Show all of them, revoked ones included")),
            DeviceCommand.BuildRename(context),
            DeviceCommand.BuildPriority(context),
            DeviceCommand.BuildRevoke(context),
        };
        return BuildList(context, command);
    }

    private static Command BuildList(CommandContext context, Command command)
    {
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var client = await context.OpenAsync(parsed, cancel);
                var own = (await client.ReadStatusAsync(cancel)).Device;
                context.TellAll(
                    parsed,
                    ["device", "kind", "name", "app", "priority", "state"],
                    await client.Devices.ListAsync(cancel),
                    device => DeviceText.ToCells(device, own),
                    device => DeviceText.ToJson(device, own)
                );
                return ExitCode.Done;
            }
        );
        return command;
    }
}
