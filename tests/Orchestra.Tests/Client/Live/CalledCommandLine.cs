using Orchestra.Cli;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Tests.Client.Live;

/// <summary>Devices of one user, used through the command line's entry within this process.</summary>
internal sealed class CalledCommandLine(Uri server) : IDisposable
{
    /// <summary>Where nobody listens: port 9 discards, and is closed besides.</summary>
    public const string Nowhere = "http://127.0.0.1:9";

    public DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("orchestra-");

    public string User { get; } = Guid.NewGuid().ToString();

    public string Database(string device) => Path.Combine(Folder.FullName, device, "orchestra.db");

    public async Task LogInAsync(string device)
    {
        await RunAsync(device, "init", "--server", server.ToString());
        await RunAsync(device, "login", "--user", User);
    }

    public Task UnplugAsync(string device) => RunAsync(device, "init", "--server", Nowhere);

    public Task PlugInAsync(string device) =>
        RunAsync(device, "init", "--server", server.ToString());

    /// <returns>What it wrote as its result.</returns>
    public async Task<string> RunAsync(string device, params string[] arguments)
    {
        var (code, output, error) = await TryAsync(device, arguments);
        Assert.True(code == 0, $"{string.Join(' ', arguments)}: {error}{output}");
        return output;
    }

    /// <summary>The result of a command with <c>--json</c>, an object a line.</summary>
    public async Task<List<IReadOnlyDictionary<string, FieldValue>>> AskAsync(
        string device,
        params string[] arguments
    ) => Read(await RunAsync(device, [.. arguments, "--json"]));

    public static List<IReadOnlyDictionary<string, FieldValue>> Read(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(WireCodec.ReadFields)];

    public async Task<(int Code, string Output, string Error)> TryAsync(
        string device,
        params string[] arguments
    )
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(
            [.. arguments, "--db", Database(device)],
            output,
            error,
            CancellationToken.None
        );
        return (code, output.ToString(), error.ToString());
    }

    public void Dispose() => Folder.Delete(recursive: true);
}
