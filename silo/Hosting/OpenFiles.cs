using System.Globalization;

namespace Orchestra.Silo.Hosting;

/// <summary>How many files this process may have open, of which every connection is one.</summary>
internal static class OpenFiles
{
    /// <summary>For the store, other silos, libraries: so many, or a quarter where there are few.</summary>
    private const int Reserve = 1_000;

    /// <summary>
    /// As many connections of both kinds as fit, in the proportion in which they are wanted. A process
    /// that runs out of files dies of it.
    /// </summary>
    /// <param name="sockets">WebSockets that are wanted, 1 or more.</param>
    /// <param name="http">Other connections that are wanted, 1 or more.</param>
    public static (int Sockets, int Http) Fit(int sockets, int http) =>
        Limit() is { } limit ? Fit(sockets, http, limit) : (sockets, http);

    /// <param name="sockets">WebSockets that are wanted.</param>
    /// <param name="http">Other connections that are wanted.</param>
    /// <param name="limit">Files that may be open.</param>
    internal static (int Sockets, int Http) Fit(int sockets, int http, long limit)
    {
        var room = limit - Math.Min(Reserve, limit / 4);
        var wanted = (double)sockets + http;
        return room >= wanted ? (sockets, http) : (Part(sockets), Part(http));

        int Part(int of) => (int)Math.Max(1, room * (of / wanted));
    }

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
