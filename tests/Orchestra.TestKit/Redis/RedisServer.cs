using System.Diagnostics;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using Orchestra.TestKit.Certificates;
using Orchestra.TestKit.Processes;
using Orchestra.TestKit.Silos;

namespace Orchestra.TestKit.Redis;

/// <summary>
/// A real Redis server on a port of its own, that keeps nothing on the disk and can be killed, and
/// held. Gone when disposed of, and also when the test process ends without that.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private const string Program = "redis-server";

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    private Process? process;
    private IAsyncDisposable? end;

    private readonly TestCertificate? certificate;

    private RedisServer(TestCertificate? certificate) => this.certificate = certificate;

    public int Port { get; } = SiloPorts.Next();

    public string ConnectionString => $"127.0.0.1:{Port}";

    /// <summary>A port of its own and nothing that listens there; <see cref="RestartAsync"/> starts it.</summary>
    public static RedisServer Down() => new(null);

    /// <param name="certificate">With which it speaks TLS and nothing else; null = none.</param>
    /// <exception cref="InvalidOperationException">Its program is missing; says what to install.</exception>
    public static async Task<RedisServer> StartAsync(TestCertificate? certificate = null)
    {
        var server = new RedisServer(certificate);
        await server.RestartAsync();
        return server;
    }

    /// <summary>Starts it, after a kill if it runs, on the same port and empty.</summary>
    public async Task RestartAsync()
    {
        await KillAsync();
        string[] arguments =
        [
            .. ListenOn(Port.ToString(CultureInfo.InvariantCulture)),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            Path.GetTempPath(),
        ];
        var start = new ProcessStartInfo(FindProgram(), arguments)
        {
            RedirectStandardOutput = true,
        };
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        end = new ShellCommand(
            "sh",
            "-c",
            $"kill -KILL {process.Id} 2>/dev/null || true"
        ).RunAfterwards();
        await WaitUntilItAnswersAsync();
    }

    /// <summary>SIGKILL: all it knew is gone, and no connection says goodbye.</summary>
    public async Task KillAsync()
    {
        if (process is null)
            return;
        // The shell does it, now.
        await end!.DisposeAsync();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    /// <summary>It stands still: connections stay open, and nothing is answered.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>After <see cref="PauseAsync"/> it goes on as if nothing had been.</summary>
    public Task ContinueAsync() => SignalAsync("CONT");

    /// <summary>Forgets every key; connections and subscriptions stay.</summary>
    public Task FlushAsync() => AskAsync("FLUSHALL");

    /// <summary>One command on a connection of its own, as an operator would type it.</summary>
    /// <param name="command">In words.</param>
    /// <param name="lines">How many the answer has, as it is on the wire.</param>
    /// <exception cref="InvalidOperationException">It was refused.</exception>
    public async Task<IReadOnlyList<string>> AskAsync(string command, int lines = 1)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", Port);
        await using var stream = await EncryptAsync(client.GetStream());
        await using var writer = new StreamWriter(stream) { NewLine = "\r\n" };
        await writer.WriteLineAsync(command);
        await writer.FlushAsync();
        using var reader = new StreamReader(stream);
        var answer = new List<string>();
        using var patience = new CancellationTokenSource(StartPatience);
        while (answer.Count < lines)
        {
            answer.Add(await reader.ReadLineAsync(patience.Token) ?? "-it went away");
            if (answer[^1].StartsWith('-'))
                throw new InvalidOperationException($"{command} was answered with «{answer[^1]}»");
        }
        return answer;
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private string[] ListenOn(string port) =>
        certificate is null
            ? ["--port", port]
            :
            [
                "--port",
                "0",
                "--tls-port",
                port,
                "--tls-cert-file",
                certificate.Certificate,
                "--tls-key-file",
                certificate.Key,
                "--tls-ca-cert-file",
                certificate.Authority,
                "--tls-auth-clients",
                "no",
            ];

    private async Task<Stream> EncryptAsync(Stream stream)
    {
        if (certificate is null)
            return stream;
        var encrypted = new SslStream(stream);
        await encrypted.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                CertificateChainPolicy = certificate.Trust,
            }
        );
        return encrypted;
    }

    private Task SignalAsync(string signal) =>
        new ShellCommand("sh", "-c", $"kill -{signal} {process!.Id}").RunAsync();

    private async Task WaitUntilItAnswersAsync()
    {
        using var patience = new CancellationTokenSource(StartPatience);
        using var timer = new PeriodicTimer(LookInterval);
        while (true)
        {
            try
            {
                await AskAsync("PING");
                return;
            }
            catch (SocketException)
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
        }
    }

    private static string FindProgram() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':')
            .Append("/usr/bin")
            .Select(folder => Path.Combine(folder, Program))
            .FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException(
            $"{Program} is not on the PATH: install it, on Debian with «apt-get install redis-server»"
        );
}
