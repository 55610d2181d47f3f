using System.CommandLine;

namespace Orchestra.Cli.Commands;

/// <summary>What cannot be taken back, or costs something, is not done by a slip of the hand.</summary>
internal static class Consent
{
    public static Option<bool> YesOption() => new("--yes") { Description = "Do not ask first" };

    /// <exception cref="CommandFailure">Somebody said no, or nobody can be asked.</exception>
    public static void Require(
        CommandContext context,
        ParseResult parsed,
        Option<bool> yes,
        string question
    )
    {
        if (parsed.GetValue(yes))
            return;
        switch (context.Screen.Ask(question))
        {
            case null:
                throw new CommandFailure(
                    $"There is no terminal to ask at: {question}",
                    "Add --yes to do it without being asked.",
                    ExitCode.Usage
                );
            case false:
                throw new CommandFailure("Nothing was done", "Add --yes not to be asked.");
        }
    }
}
