using System.Diagnostics;
using System.Globalization;
using Amazon.Runtime;
using Amazon.S3;
using Orchestra.Database.Contents;
using Orchestra.TestKit.Processes;
using Orchestra.TestKit.Silos;

namespace Orchestra.TestKit.Contents;

/// <summary>
/// A real object store with an S3 API, in a folder and on a port of its own: see
/// <c>tests/s3-server.sh</c>. It verifies signatures, and lengths and checksums that are signed. Gone
/// without a trace when disposed of, and also when the test process ends without that.
/// </summary>
public sealed class S3Server : IAsyncDisposable
{
    public const string AccessKey = "test:tester";
    public const string SecretKey = "hidden-s3-secret";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly Lazy<Task<S3Server>> Shared = new(StartAsync);

    private readonly Process process;
    private readonly IAsyncDisposable end;

    private S3Server(string root)
    {
        var folder = Directory.CreateTempSubdirectory("orchestra-s3-").FullName;
        var script = Path.Combine(AppContext.BaseDirectory, "Contents", "s3-server.py");
        var port = Port.ToString(CultureInfo.InvariantCulture);
        string[] arguments = [script, folder, port, AccessKey, SecretKey];
        process = Process.Start(
            new ProcessStartInfo(Path.Combine(root, "python"), arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        end = new ShellCommand(
            "sh",
            "-c",
            "kill -KILL \"$1\" 2>/dev/null; while kill -0 \"$1\" 2>/dev/null; do sleep 0.05; done; "
                + "rm -rf \"$2\"",
            "sh",
            $"{process.Id}",
            folder
        ).RunAfterwards();
    }

    public int Port { get; } = SiloPorts.Next();

    public Uri Url => new($"http://127.0.0.1:{Port}");

    /// <summary>
    /// One for all tests that do not stop it: each has a bucket of its own. Nobody disposes of it; it
    /// ends with the test process.
    /// </summary>
    public static Task<S3Server> SharedAsync() => Shared.Value;

    /// <exception cref="InvalidOperationException">It did not start; it has written why.</exception>
    public static async Task<S3Server> StartAsync()
    {
        var server = new S3Server(S3FactAttribute.Root!);
        using var patience = new CancellationTokenSource(Patience);
        while (await server.process.StandardOutput.ReadLineAsync(patience.Token) is var line)
            switch (line)
            {
                case "ready":
                    return server;
                case null:
                    await server.DisposeAsync();
                    throw new InvalidOperationException("The S3 server ended; see above");
            }
        throw new UnreachableException();
    }

    /// <summary>A new bucket, empty.</summary>
    public async Task<S3Options> CreateBucketAsync()
    {
        using var client = new AmazonS3Client(
            new BasicAWSCredentials(AccessKey, SecretKey),
            new AmazonS3Config
            {
                ServiceURL = Url.AbsoluteUri,
                AuthenticationRegion = "us-east-1",
                ForcePathStyle = true,
            }
        );
        var bucket = $"orchestra-{Guid.NewGuid():N}";
        await client.PutBucketAsync(bucket);
        return new(bucket, Url, "us-east-1", AccessKey, SecretKey);
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>It stands still: connections stay open, and nothing is answered.</summary>
    public Task PauseAsync() => new ShellCommand("sh", "-c", $"kill -STOP {process.Id}").RunAsync();

    public async ValueTask DisposeAsync()
    {
        await end.DisposeAsync();
        process.Dispose();
    }
}
