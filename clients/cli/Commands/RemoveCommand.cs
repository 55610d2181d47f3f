using System.CommandLine;
using Orchestra.Sync.Wire;

namespace Orchestra.Cli.Commands;

/// <summary>Deletes one row.</summary>
internal static class RemoveCommand
{
    public static Command Build(CommandContext context)
    {
        var entity = new Argument<string>("entity") { Description = "The entity type" };
        var id = new Argument<string>("id") { Description = "The row's id" };
        id.Validators.Add(parsed =>
        {
            if (!CanonicalUuid.TryParse(parsed.GetValueOrDefault<string>(), out _))
                parsed.AddError("An id is a UUID in lower case with hyphens.");
        });
        var offline = SendNow.OfflineOption();
        var command = new Command("rm", "Delete a row, and on the server what refers to it")
        {
            entity,
            id,
            offline,
        };
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var client = await context.OpenAsync(parsed, cancel, retries: 0);
                var isChange = await client.DeleteAsync(
                    parsed.GetValue(entity)!,
                    Guid.Parse(parsed.GetValue(id)!),
                    cancel
                );
                if (!isChange)
                    throw new CommandFailure(
                        $"There is no {parsed.GetValue(entity)} row {parsed.GetValue(id)}",
                        $"Run orchestra ls {parsed.GetValue(entity)} to see what there is."
                    );
                if (!parsed.GetValue(offline))
                    await SendNow.TryAsync(context, client, cancel);
                return ExitCode.Done;
            }
        );
        return command;
    }
}
