using System.CommandLine;
using Orchestra.Cli.Terminal;
using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Errors;

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
            BuildRename(context),
            BuildPriority(context),
            BuildRevoke(context),
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
                    device => ToCells(device, own),
                    device => ToJson(device, own)
                );
                return ExitCode.Done;
            }
        );
        return command;
    }

    private static Command BuildRename(CommandContext context)
    {
        var name = new Argument<string>("name") { Description = "1 to 120 characters" };
        return BuildChange(
            context,
            new Command("rename", "Call a device something else"),
            name,
            (devices, device, value, cancel) => devices.RenameAsync(device, value!, cancel)
        );
    }

    private static Command BuildPriority(CommandContext context)
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

    private static Command BuildRevoke(CommandContext context)
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

    private static string Kind(UserDevice device) =>
        device.Kind is { } kind ? EnumNames<DeviceKind>.Write(kind) : "unknown";

    private static IReadOnlyList<string> ToCells(UserDevice device, DeviceId own) =>
        [
            device.Id.ToString(),
            Kind(device),
            device.Name,
            device.App,
            $"{device.Priority}",
            device.RevokedAt is { } at ? $"revoked {Timestamps.Write(at)}"
            : device.Id == own ? "this device"
            : "",
        ];

    private static string ToJson(UserDevice device, DeviceId own) =>
        JsonLine.Of(
            ("device", device.Id),
            ("kind", Kind(device)),
            ("name", device.Name),
            ("app", device.App),
            ("priority", device.Priority),
            ("revoked_at", device.RevokedAt),
            ("own", device.Id == own)
        );
}
