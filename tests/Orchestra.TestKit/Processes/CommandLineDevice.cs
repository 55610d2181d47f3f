namespace Orchestra.TestKit.Processes;

/// <summary>A device that is used through the <c>orchestra</c> command line.</summary>
public sealed class CommandLineDevice : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private CommandLineDevice() { }

    public string Folder { get; } = Directory.CreateTempSubdirectory("orchestra-device-").FullName;

    /// <summary>Init and login, as the README has it.</summary>
    /// <param name="silo">Its server.</param>
    /// <param name="user">Whose.</param>
    /// <param name="by">Where to connect, if not straight to the server.</param>
    public static async Task<CommandLineDevice> CreateAsync(
        SiloProcess silo,
        Guid user,
        Uri? by = null
    )
    {
        var device = await InitAsync(silo, by);
        await device.RunAsync("login", "--user", user.ToString());
        return device;
    }

    /// <summary>Init alone: the device knows its server, and has nothing yet.</summary>
    public static async Task<CommandLineDevice> InitAsync(SiloProcess silo, Uri? by = null)
    {
        var device = new CommandLineDevice();
        await device.RunAsync("init", "--server", (by ?? silo.Gateway).ToString());
        return device;
    }

    /// <summary>Its database, as <c>init</c> makes it.</summary>
    public string Database => Path.Combine(Folder, ".orchestra", "orchestra.db");

    /// <summary>Runs a command to its end.</summary>
    /// <returns>What it wrote.</returns>
    /// <exception cref="InvalidOperationException">It failed; with what it wrote.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(params string[] arguments)
    {
        await using var command = Start(arguments);
        var code = await command.WaitForExitAsync(Patience);
        if (code != 0)
            throw new InvalidOperationException(
                $"orchestra {string.Join(' ', arguments)} ended with {code}:\n"
                    + string.Join('\n', command.Lines)
            );
        return command.Lines;
    }

    /// <summary>Starts a command that goes on.</summary>
    public ChildProcess Start(params string[] arguments) =>
        ChildProcess.Start("orchestra.dll", Folder, new Dictionary<string, string>(), arguments);

    /// <summary>The lines of <c>orchestra status</c> by their names.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ReadStatusAsync() =>
        (await RunAsync("status"))
            .Select(line => line.Split(' ', 2, StringSplitOptions.TrimEntries))
            .ToDictionary(parts => parts[0], parts => parts[^1]);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
