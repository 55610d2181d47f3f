namespace Orchestra.Grains;

/// <summary>
/// Mistakes that the simulator has to notice, see docs/properties.md. A switch is read once, when
/// the process starts, so that where none is set nothing is left of them.
/// </summary>
internal static class SeededBugs
{
    public static readonly bool PublishBeforeCommit = IsOn(nameof(PublishBeforeCommit));

    private static bool IsOn(string name) =>
        AppContext.TryGetSwitch("Orchestra.SeededBugs." + name, out var isOn) && isOn;
}
