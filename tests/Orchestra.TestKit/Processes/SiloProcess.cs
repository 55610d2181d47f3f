using System.Net.Http.Json;
using Orchestra.TestKit.Silos;
using Orchestra.TestKit.Stores;

namespace Orchestra.TestKit.Processes;

/// <summary>The server, started as a newcomer starts it, on ports and a folder of its own.</summary>
public sealed class SiloProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly int[] ports = [SiloPorts.Next(), SiloPorts.Next(), SiloPorts.Next()];
    private readonly IReadOnlyDictionary<string, string> settings;
    private ChildProcess? process;

    private SiloProcess(string folder, IReadOnlyDictionary<string, string> settings)
    {
        Folder = folder;
        this.settings = settings;
    }

    public string Folder { get; }

    public Uri Gateway => new($"http://127.0.0.1:{ports[0]}");

    public Uri Admin => new($"http://127.0.0.1:{ports[1]}");

    /// <summary>Where other silos of its cluster reach it.</summary>
    public int SiloPort => ports[2];

    /// <summary>Starts another silo of a silo's cluster.</summary>
    public static Task<SiloProcess> JoinAsync(
        SiloProcess first,
        params (string Name, string Value)[] settings
    ) =>
        StartAsync([
            .. first
                .settings.Where(pair => pair.Key.Contains("__Postgres__", StringComparison.Ordinal))
                .Select(pair => (pair.Key, pair.Value)),
            .. settings,
            ("Orchestra__Cluster__PrimarySiloPort", $"{first.SiloPort}"),
        ]);

    /// <summary>The build beside the tests.</summary>
    public const string Own = "silo.dll";

    /// <summary>What is started next: <see cref="Own"/>, or the path of another build's file.</summary>
    public string Program { get; set; } = Own;

    /// <param name="settings">Environment variables besides those for ports and folder.</param>
    public static Task<SiloProcess> StartAsync(params (string Name, string Value)[] settings) =>
        StartAsync(Directory.CreateTempSubdirectory("orchestra-silo-").FullName, settings);

    /// <summary>Starts one in a folder in which something may be already.</summary>
    public static Task<SiloProcess> StartAsync(
        string folder,
        params (string Name, string Value)[] settings
    ) => StartAsync(folder, Own, settings);

    /// <summary>Starts one of another build.</summary>
    /// <param name="folder">In which something may be already.</param>
    /// <param name="program">Its <see cref="Program"/>.</param>
    /// <param name="settings">Environment variables besides those for ports and folder.</param>
    public static async Task<SiloProcess> StartAsync(
        string folder,
        string program,
        params (string Name, string Value)[] settings
    )
    {
        var all = settings.ToDictionary(pair => pair.Name, pair => pair.Value);
        if (!all.Keys.Any(key => key.EndsWith("__ConnectionString", StringComparison.Ordinal)))
            foreach (var (key, value) in (await StoreUnderTest.CreateAsync(folder)).Settings)
                all[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        var silo = new SiloProcess(folder, all) { Program = program };
        await silo.RestartAsync();
        return silo;
    }

    /// <summary>Starts it again on the same ports and data.</summary>
    public async Task RestartAsync()
    {
        process = ChildProcess.Start(
            Program,
            Folder,
            new Dictionary<string, string>(settings)
            {
                ["DOTNET_ENVIRONMENT"] = "Development",
                ["Orchestra__Gateway__Url"] = Gateway.ToString(),
                ["Orchestra__Admin__Url"] = Admin.ToString(),
                ["Orchestra__Cluster__SiloPort"] = $"{SiloPort}",
            }
        );
        await process.WaitForLineAsync("  data ", StartPatience);
    }

    /// <summary>Runs a command of the same executable on its data to the end.</summary>
    public async Task<(int Code, IReadOnlyList<string> Lines)> RunAsync(params string[] arguments)
    {
        await using var command = ChildProcess.Start(Program, Folder, settings, arguments);
        return (await command.WaitForExitAsync(StartPatience), command.Lines);
    }

    /// <summary>What it has written since it was last started.</summary>
    public IReadOnlyList<string> Lines => process?.Lines ?? [];

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => process!.KillAsync();

    /// <summary>SIGSTOP.</summary>
    public Task PauseAsync() => process!.PauseAsync();

    /// <summary>SIGCONT.</summary>
    public Task ContinueAsync() => process!.ContinueAsync();

    public bool HasExited => process!.HasExited;

    /// <summary>The process's number.</summary>
    public int Id => process!.Id;

    /// <summary>SIGTERM, and waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        await process!.TerminateAsync();
        return await process.WaitForExitAsync(StartPatience);
    }

    /// <summary>A development token for a user.</summary>
    public async Task<string> GetTokenAsync(Guid user)
    {
        using var http = new HttpClient { BaseAddress = Gateway };
        var answer = await http.PostAsJsonAsync("/dev/token", new { user });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<DevToken>())!.Token;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
        Canary.RequireNone("The log", Lines);
    }

    private sealed record DevToken(string Token);
}
