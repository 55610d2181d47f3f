using System.CommandLine;
using Orchestra.Client;
using Orchestra.Sync;

namespace Orchestra.Cli.Commands;

/// <summary>Makes this place a device.</summary>
internal static class InitCommand
{
    private static readonly Uri DefaultServer = new("http://127.0.0.1:8080");

    public static Command Build(CommandContext context)
    {
        var server = new Option<Uri?>("--server")
        {
            Description = $"Where to sync. Default: {DefaultServer}",
            HelpName = "url",
            CustomParser = result => UrlValue.Parse(result, DefaultServer),
        };
        var kind = new Option<string>("--kind")
        {
            Description = "What kind of device this is",
            DefaultValueFactory = _ => EnumNames<DeviceKind>.Write(DeviceKind.Cli),
        };
        kind.AcceptOnlyFromAmong([.. EnumNames<DeviceKind>.All]);
        var name = new Option<string>("--name")
        {
            Description = "What to call it",
            DefaultValueFactory = _ => Environment.MachineName,
        };
        var command = new Command("init", "Make a database here, and with it a device")
        {
            server,
            kind,
            name,
        };
        command.SetAction(
            async (parsed, cancel) =>
            {
                var path = context.DatabasePath(parsed);
                var isNew = !File.Exists(path);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                var options = new ClientOptions
                {
                    Database = path,
                    Server = parsed.GetValue(server) ?? (isNew ? DefaultServer : null),
                    Kind = EnumNames<DeviceKind>.Read(parsed.GetValue(kind)!),
                    DeviceName = parsed.GetValue(name)!,
                };
                await using var client = await CommandContext.OpenOrCreateAsync(options, cancel);
                var status = await client.ReadStatusAsync(cancel);
                context.Tell(
                    parsed,
                    $"{(isNew ? "Created" : "Found")} {path}\n"
                        + $"device {status.Device}\nserver {status.Server}",
                    ("created", isNew),
                    ("database", path),
                    ("device", status.Device),
                    ("server", status.Server)
                );
                return ExitCode.Done;
            }
        );
        return command;
    }
}
