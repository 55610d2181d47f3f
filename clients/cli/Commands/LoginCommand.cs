using System.CommandLine;
using Orchestra.Sync.Wire;

namespace Orchestra.Cli.Commands;

/// <summary>Says whose data this device holds.</summary>
internal static class LoginCommand
{
    public static Command Build(CommandContext context)
    {
        var user = new Option<string?>("--user")
        {
            Description = "A user's id, for a development server",
            HelpName = "uuid",
        };
        var token = new Option<string?>("--token")
        {
            Description = "A token of your identity provider",
            HelpName = "jwt",
        };
        var command = new Command("login", "Say whose data this is, and fetch it") { user, token };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(user) is null == parsed.GetValue(token) is null)
                parsed.AddError("Give either --user or --token.");
            else if (parsed.GetValue(user) is { } id && !CanonicalUuid.TryParse(id, out _))
                parsed.AddError($"'{id}' is no UUID in lower case with hyphens.");
        });
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var client = await context.OpenAsync(parsed, cancel);
                Credentials
                    .Of(context.DatabasePath(parsed))
                    .Keep(parsed.GetValue(user), parsed.GetValue(token));
                await context.SyncAsync(client, cancel);
                var status = await client.ReadStatusAsync(cancel);
                context.Tell(
                    parsed,
                    $"Logged in as {status.Owner}; "
                        + $"{status.Rows} rows at version {status.Cursor.Version}",
                    ("owner", status.Owner),
                    ("rows", status.Rows),
                    ("version", status.Cursor.Version)
                );
                return ExitCode.Done;
            }
        );
        return command;
    }
}
