using Orchestra.Client;
using Orchestra.Sync;

namespace Orchestra.TestKit.Simulation.Checkers;

/// <summary>P8: a device sees what it has just written, whatever the server has sent meanwhile.</summary>
internal static class OwnWrites
{
    public static IEnumerable<string> Check(
        string device,
        Edit edit,
        IReadOnlyDictionary<string, FieldValue>? seen
    )
    {
        if (edit.Fields is not { } fields)
        {
            if (seen is not null)
                yield return $"P8 {device} still sees {edit.Entity}/{edit.Id}, which it deleted";
            yield break;
        }
        foreach (var (name, value) in fields)
            if (seen is null || seen.GetValueOrDefault(name) != value)
                yield return $"P8 {device} does not see its own {edit.Entity}.{name}";
    }
}
