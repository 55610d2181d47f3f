using System.Globalization;
using Orchestra.TestKit.Processes;

namespace Orchestra.TestKit.Postgres;

/// <summary>The first process of a server, and the processes it has started, one a connection.</summary>
internal sealed record PostmasterProcess(int Id)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(5);

    /// <summary>The one that runs on a data directory; null = none does.</summary>
    public static PostmasterProcess? Find(string data)
    {
        var file = Path.Combine(data, "postmaster.pid");
        if (!File.Exists(file))
            return null;
        var id = int.Parse(File.ReadLines(file).First(), CultureInfo.InvariantCulture);
        return ProcessState.Read(id) is { IsAlive: true } ? new(id) : null;
    }

    public async Task SuspendAsync()
    {
        // First, so that no further children come while they are counted.
        await SignalAsync("STOP", [Id]);
        await SignalAsync("STOP", Children());
    }

    public Task ResumeAsync() => SignalAsync("CONT", [.. Children(), Id]);

    /// <summary>Returns when all are gone.</summary>
    public async Task KillAsync()
    {
        await SignalAsync("STOP", [Id]);
        // The children too: one that computes would notice late that it is an orphan, and until
        // then keep the data directory from the next server.
        int[] all = [Id, .. Children()];
        await SignalAsync("KILL", all);
        using var timer = new PeriodicTimer(LookInterval);
        while (all.Any(id => ProcessState.Read(id) is { IsAlive: true }))
            await timer.WaitForNextTickAsync();
    }

    private int[] Children() =>
        [
            .. Directory
                .EnumerateDirectories("/proc")
                .Select(path => int.TryParse(Path.GetFileName(path), out var id) ? id : 0)
                .Where(id => id > 0 && ProcessState.Read(id)?.Parent == Id),
        ];

    /// <summary>One may have ended on its own by now, so it doesn't matter what kill says.</summary>
    private static Task SignalAsync(string signal, int[] ids) =>
        new ShellCommand(
            "sh",
            ["-c", $"kill -{signal} {string.Join(' ', ids)} || true"]
        ).RunAsync();

    private sealed record ProcessState(char Letter, int Parent)
    {
        /// <summary>A zombie does nothing any more: it waits for its parent to take notice.</summary>
        public bool IsAlive => Letter is not ('Z' or 'X');

        public static ProcessState? Read(int id)
        {
            try
            {
                // "123 (name (with) anything) S 1 …"
                var line = File.ReadAllText($"/proc/{id}/stat");
                var fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
                return new(fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                return null;
            }
        }
    }
}
