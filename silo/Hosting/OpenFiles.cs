using System.Globalization;

namespace Orchestra.Silo.Hosting;

/// <summary>How many files this process may have open, of which every connection is one.</summary>
internal static class OpenFiles
{
    /// <summary>For what is neither a client's nor a user's: the store, other silos, libraries.</summary>
    private const int Reserve = 1_000;

    /// <summary>
    /// As many of <paramref name="wanted"/> connections as fit besides <paramref name="others"/>. A
    /// process that runs out of files dies of it.
    /// </summary>
    public static int Fit(int wanted, int others) =>
        Limit() is { } limit
            ? (int)Math.Clamp(limit - others - Reserve, Math.Min(wanted, 1), wanted)
            : wanted;

    /// <summary>Null where the system does not say, or sets none.</summary>
    private static long? Limit()
    {
        const string Name = "Max open files";
        const string Limits = "/proc/self/limits";
        if (!File.Exists(Limits))
            return null;
        var line = File.ReadLines(Limits)
            .FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        // "Max open files            1024                 1048576              files"; .NET raises the
        // first to the second when it starts.
        var words = line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return
            words is [var soft, ..]
            && long.TryParse(soft, CultureInfo.InvariantCulture, out var limit)
            ? limit
            : null;
    }
}
