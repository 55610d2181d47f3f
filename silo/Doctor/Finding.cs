namespace Orchestra.Silo.Doctor;

internal enum Health
{
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
    public static Finding Ok(string check, string text) => new(check, Health.Ok, text);

    public static Finding Warning(string check, string text, string cure) =>
        new(check, Health.Warning, text, cure);

    public static Finding Failed(string check, string text, string cure) =>
        new(check, Health.Failed, text, cure);

    public override string ToString() =>
        $"{Name, -8} {Check, -12} {Text}{(Cure is null ? "" : $" → {Cure}")}";

    private string Name =>
        Health switch
        {
            Health.Ok => "ok",
            Health.Warning => "warning",
            _ => "failed",
        };
}
