using System.Diagnostics;

namespace Orchestra.TestKit.Processes;

/// <summary>A program of the machine, with its arguments.</summary>
internal sealed record ShellCommand(string Program, params IEnumerable<string> Arguments)
{
    /// <summary>Runs it to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed; with what it wrote.</exception>
    public Task RunAsync() => ReadAsync();

    /// <summary>Runs it to its end.</summary>
    /// <returns>What it wrote to its standard output.</returns>
    /// <exception cref="InvalidOperationException">It failed; with what it wrote.</exception>
    public async Task<string> ReadAsync()
    {
        using var process = Start();
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException(
                $"{Program} {string.Join(' ', Arguments)} ended with {process.ExitCode}:\n"
                    + await output
                    + await errors
            );
        return await output;
    }

    /// <summary>
    /// Runs it as soon as this process has ended, however it ended, or when the result is disposed
    /// of: a shell waits for the end of a pipe that only this process holds.
    /// </summary>
    public IAsyncDisposable RunAfterwards()
    {
        // Ctrl+C reaches the shell too, which is not to end before its work is done.
        const string Script = "trap '' HUP INT TERM; cat >/dev/null; \"$@\"";
        return new Afterwards(
            new ShellCommand("sh", ["-c", Script, "sh", Program, .. Arguments]).Start()
        );
    }

    private Process Start() =>
        Process.Start(
            new ProcessStartInfo(Program, Arguments)
            {
                // One that every user may stand in.
                WorkingDirectory = "/",
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;

    private sealed class Afterwards(Process shell) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            shell.StandardInput.Close();
            await shell.WaitForExitAsync();
            shell.Dispose();
        }
    }
}
