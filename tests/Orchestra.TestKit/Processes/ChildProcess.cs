using System.Collections.Concurrent;
using System.Diagnostics;

namespace Orchestra.TestKit.Processes;

/// <summary>A program of the product as its users run it: a process of its own.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly ConcurrentQueue<string> lines = [];
    private readonly SemaphoreSlim news = new(0);

    private ChildProcess(Process process) => this.process = process;

    /// <summary>Everything it has written to both streams so far.</summary>
    public IReadOnlyList<string> Lines => [.. lines];

    /// <param name="assembly">The program's file beside the tests, such as <c>silo.dll</c>.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="environment">Variables besides the tests' own.</param>
    /// <param name="arguments">Its command line.</param>
    public static ChildProcess Start(
        string assembly,
        string folder,
        IReadOnlyDictionary<string, string> environment,
        params IEnumerable<string> arguments
    ) =>
        StartProgram(
            "dotnet",
            folder,
            environment,
            [Path.Combine(AppContext.BaseDirectory, assembly), .. arguments]
        );

    /// <summary>Starts a program of the machine that becomes one of the product's.</summary>
    public static ChildProcess StartProgram(
        string program,
        string folder,
        IReadOnlyDictionary<string, string> environment,
        params IEnumerable<string> arguments
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var child = new ChildProcess(new Process { StartInfo = start });
        child.process.OutputDataReceived += (_, line) => child.Note(line.Data);
        child.process.ErrorDataReceived += (_, line) => child.Note(line.Data);
        child.process.Start();
        child.process.BeginOutputReadLine();
        child.process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Waits for a line that contains <paramref name="text"/>.</summary>
    /// <exception cref="TimeoutException">With all it wrote.</exception>
    public async Task<string> WaitForLineAsync(string text, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        while (true)
        {
            if (
                lines.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is
                { } found
            )
                return found;
            try
            {
                await news.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"No line with «{text}»:\n{string.Join('\n', lines)}");
            }
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> WaitForExitAsync(TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
    }

    /// <summary>SIGSTOP: it keeps its sockets and does nothing.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT: it goes on where it was.</summary>
    public Task ContinueAsync() => SignalAsync("CONT");

    /// <summary>SIGTERM: it is asked to end.</summary>
    public Task TerminateAsync() => SignalAsync("TERM");

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        await kill.WaitForExitAsync();
        if (kill.ExitCode != 0)
            throw new InvalidOperationException($"{signal} did not reach process {process.Id}");
    }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await KillAsync();
        process.Dispose();
        news.Dispose();
    }

    private void Note(string? line)
    {
        if (line is null)
            return;
        lines.Enqueue(line);
        news.Release();
    }
}
