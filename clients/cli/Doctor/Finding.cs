using Orchestra.Cli.Terminal;

namespace Orchestra.Cli.Doctor;

internal enum Health
{
    Skipped,
    Ok,
    Warning,
    Failed,
}

/// <summary>What a check found.</summary>
/// <param name="Check">Which one.</param>
/// <param name="Health">How it is.</param>
/// <param name="Text">What was found.</param>
/// <param name="Cure">What to do about it, if anything.</param>
internal sealed record Finding(string Check, Health Health, string Text, string? Cure = null)
{
    public static Finding Skipped(string check, string why) =>
        new(check, Health.Skipped, $"not checked: {why}");

    public static Finding Ok(string check, string text) => new(check, Health.Ok, text);

    public static Finding Warning(string check, string text, string cure) =>
        new(check, Health.Warning, text, cure);

    public static Finding Failed(string check, string text, string cure) =>
        new(check, Health.Failed, text, cure);

    public string ToLine() => $"{Name, -8} {Check, -9} {Text}{(Cure is null ? "" : $" → {Cure}")}";

    public string ToJson() =>
        JsonLine.Of(("check", Check), ("result", Name), ("text", Text), ("cure", Cure));

    private string Name =>
        Health switch
        {
            Health.Skipped => "skipped",
            Health.Ok => "ok",
            Health.Warning => "warning",
            _ => "failed",
        };
}
