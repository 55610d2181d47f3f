using System.CommandLine;
using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Errors;

namespace Orchestra.Cli.Commands;

/// <summary>What can be done about one device.</summary>
internal static class DeviceCommand
{
    public static Command BuildRename(CommandContext context)
    {
        var name = new Argument<string>("name") { Description = "1 to 120 characters" };
        return BuildChange(
            context,
            new Command("rename", "Call a device something else"),
            name,
            (devices, device, value, cancel) => devices.RenameAsync(device, value!, cancel)
        );
    }

    public static Command BuildPriority(CommandContext context)
    {
        var priority = new Argument<int>("priority") { Description = "0 to 1000" };
        return BuildChange(
            context,
            new Command("priority", "Say how much a device's writes weigh beside others'"),
            priority,
            (devices, device, value, cancel) => devices.SetPriorityAsync(device, value, cancel)
        );
    }

    private static Command BuildChange<T>(
        CommandContext context,
        Command command,
        Argument<T> value,
        Func<ClientDevices, DeviceId, T?, CancellationToken, Task> change
    )
    {
        var id = IdArgument.Build("device", "Which, as orchestra devices shows it");
        command.Add(id);
        command.Add(value);
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var client = await context.OpenAsync(parsed, cancel);
                var device = new DeviceId(parsed.GetValue(id));
                await OrMissingAsync(
                    device,
                    change(client.Devices, device, parsed.GetValue(value), cancel)
                );
                context.Tell(
                    parsed,
                    $"{device}: {value.Name} {parsed.GetValue(value)}",
                    ("device", device),
                    (value.Name, parsed.GetValue(value))
                );
                return ExitCode.Done;
            }
        );
        return command;
    }

    public static Command BuildRevoke(CommandContext context)
    {
        var id = IdArgument.Build("device", "Which, as orchestra devices shows it");
        var yes = Consent.YesOption();
        var command = new Command("revoke", "Shut a device out, for good") { id, yes };
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var client = await context.OpenAsync(parsed, cancel);
                var device = new DeviceId(parsed.GetValue(id));
                var isOwn = device == (await client.ReadStatusAsync(cancel)).Device;
                Consent.Require(
                    context,
                    parsed,
                    yes,
                    $"Shut out {(isOwn ? "this device" : device)} for good?"
                );
                await OrMissingAsync(device, client.Devices.RevokeAsync(device, cancel));
                context.Tell(
                    parsed,
                    $"{device} is shut out",
                    ("device", device),
                    ("revoked", true)
                );
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static async Task OrMissingAsync(DeviceId device, Task work)
    {
        try
        {
            await work;
        }
        catch (SyncException missing) when (missing.Code == ErrorCode.NotFound)
        {
            throw new CommandFailure(
                $"The user has no device {device}",
                "Run orchestra devices to see which there are.",
                ExitCode.NotFound
            );
        }
    }
}
