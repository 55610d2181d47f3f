using System.CommandLine;
using Orchestra.Cli.Commands;

namespace Orchestra.Cli;

/// <param name="Name">What they are for.</param>
/// <param name="Commands">In the order in which somebody new needs them.</param>
internal sealed record CommandGroup(string Name, IReadOnlyList<Command> Commands);

/// <summary>Every command there is.</summary>
internal static class CommandGroups
{
    public static IReadOnlyList<CommandGroup> Build(CommandContext context) =>
        [
            new("Begin", [InitCommand.Build(context), LoginCommand.Build(context)]),
            new(
                "Rows",
                [
                    PutCommand.Build(context),
                    GetCommand.Build(context),
                    ListCommand.Build(context),
                    SearchCommand.Build(context),
                    RemoveCommand.Build(context),
                    ImportCommand.Build(context),
                    CheckoutCommand.Build(context),
                    ExportCommand.Build(context),
                ]
            ),
            new(
                "Sync",
                [
                    SyncCommand.Build(context),
                    WatchCommand.Build(context),
                    StatusCommand.Build(context),
                    ConflictsCommand.Build(context),
                    ScopeCommand.Build(context),
                    DevicesCommand.Build(context),
                ]
            ),
            new("Repair", [DoctorCommand.Build(context), ResetCommand.Build(context)]),
            new("Operate", [EventsCommand.Build(context)]),
        ];
}
