using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Processes;
using Orchestra.TestKit.Proxies;

namespace Orchestra.Tests.Cluster;

/// <summary>Files of one device on another, with real processes: the contents too.</summary>
public sealed class CheckoutTests : IDisposable
{
    private static readonly Guid User = new("5eed0000-0000-4000-8000-000000000002");

    private readonly DirectoryInfo target = Directory.CreateTempSubdirectory("orchestra-checkout-");

    public void Dispose() => target.Delete(recursive: true);

    [Fact]
    public async Task P18_A_tree_imported_over_a_network_that_is_cut_twice_by_a_server_that_is_killed_is_whole()
    {
        await using var silo = await SiloProcess.StartAsync();
        await using var network = new Network(silo.Gateway);
        using var source = new SourceFolder(files: 1_200, large: 3);
        using var a = await CommandLineDevice.CreateAsync(silo, User, network.Address);
        await using var import = a.Start("import", source.Path, "--project", "tree");
        foreach (var bytes in new[] { 150_000L, 9_000_000L })
        {
            await network.WaitForAsync(bytes);
            network.Cut();
        }
        await silo.KillAsync();
        await silo.RestartAsync();
        Assert.Equal(0, await import.WaitForExitAsync(TimeSpan.FromMinutes(3)));
        Assert.True(network.WereCut >= 2, "Nothing was cut");
        Assert.Equal("0", (await a.ReadStatusAsync())["contents_waiting"]);

        using var b = await CommandLineDevice.CreateAsync(silo, User);
        await b.RunAsync("checkout", "tree", target.FullName);
        Assert.Equal(source.Hashes, ReadTree(target.FullName));
        var again = await b.RunAsync("checkout", "tree", target.FullName);
        Assert.Contains("0 written", again[0], StringComparison.Ordinal);

        var some = source.Hashes.Keys.First();
        var found = await b.RunAsync("search", some, "--type", "files", "--json");
        Assert.Contains(found, line => line.Contains($"\"snippet\":\"{some}\""));
    }

    [Fact]
    public async Task P18_An_import_and_its_contents_survive_kill_9_of_the_server_and_of_PostgreSQL()
    {
        await using var postgres = await PostgresServer.StartAsync();
        var database = await MigratedDatabase.CreateAsync(postgres);
        var folder = Path.Combine(target.FullName, "contents");
        await using var silo = await SiloProcess.StartAsync(
            ("Orchestra__Postgres__ConnectionString", database.ConnectionString()),
            ("Orchestra__Contents__Directory", folder)
        );
        using var source = new SourceFolder(files: 700, large: 2);
        using var a = await CommandLineDevice.CreateAsync(silo, User);
        await using var import = a.Start("import", source.Path, "--project", "tree");
        await WaitForFilesAsync(folder, 200);
        await silo.KillAsync();
        await silo.RestartAsync();
        await WaitForFilesAsync(folder, 450);
        await postgres.KillAsync();
        await postgres.RestartAsync();
        Assert.Equal(0, await import.WaitForExitAsync(TimeSpan.FromMinutes(3)));

        using var b = await CommandLineDevice.CreateAsync(silo, User);
        var tree = Path.Combine(target.FullName, "tree");
        await b.RunAsync("checkout", "tree", tree);
        Assert.Equal(source.Hashes, ReadTree(tree));
        await RequireFindingsAsync(silo, folder);
    }

    private static async Task WaitForFilesAsync(string folder, int count)
    {
        while (!Directory.Exists(folder) || CountFiles(folder) < count)
            await Task.Delay(TimeSpan.FromMilliseconds(20));
    }

    /// <summary>The operator's command finds what is damaged, and nothing else.</summary>
    private static async Task RequireFindingsAsync(SiloProcess silo, string folder)
    {
        await silo.StopAsync();
        var (code, lines) = await silo.RunAsync("contents", "--verify");
        Assert.Equal(0, code);
        Assert.EndsWith("bytes: 0 findings.", lines[^1], StringComparison.Ordinal);

        string[] kept =
        [
            .. Directory
                .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Where(file => new FileInfo(file).Length > 0)
                .Take(2),
        ];
        File.Delete(kept[0]);
        var bytes = await File.ReadAllBytesAsync(kept[1]);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(kept[1], bytes);
        (code, lines) = await silo.RunAsync("contents", "--verify");
        Assert.Equal(1, code);
        string[] expected =
        [
            $"  {User} {HashOf(kept[0])}: its bytes are missing",
            $"  {User} {HashOf(kept[1])}: its bytes are others",
        ];
        Assert.Equal(expected.Order(), lines.TakeLast(2).Order());
    }

    private static string HashOf(string file) => Path.GetFileNameWithoutExtension(file);

    private static int CountFiles(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Count();

    private static Dictionary<string, string> ReadTree(string folder) =>
        Directory
            .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .ToDictionary(
                file => Path.GetRelativePath(folder, file).Replace('\\', '/'),
                file => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))
            );

    /// <summary>A way to a server that can be cut.</summary>
    private sealed class Network : IAsyncDisposable
    {
        private readonly AcceptLoop clients;
        private readonly Uri server;
        private CancellationTokenSource cut = new();
        private long carried;
        private int were;

        public Network(Uri server)
        {
            this.server = server;
            clients = new AcceptLoop(ForwardAsync);
        }

        public Uri Address => clients.Address;

        /// <summary>Connections that were under way.</summary>
        public int WereCut => Volatile.Read(ref were);

        public async Task WaitForAsync(long bytes)
        {
            while (Interlocked.Read(ref carried) < bytes)
                await Task.Delay(TimeSpan.FromMilliseconds(5));
        }

        public void Cut() => Interlocked.Exchange(ref cut, new CancellationTokenSource()).Cancel();

        public ValueTask DisposeAsync() => clients.DisposeAsync();

        private async Task ForwardAsync(TcpClient client, CancellationToken stop)
        {
            var here = cut.Token;
            using var to = new TcpClient();
            try
            {
                await to.ConnectAsync(IPAddress.Loopback, server.Port, stop);
            }
            catch (SocketException)
            {
                // There is nobody: who came is sent away.
                return;
            }
            using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, here);
            var both = new[]
            {
                CopyAsync(client.GetStream(), to.GetStream(), end.Token),
                CopyAsync(to.GetStream(), client.GetStream(), end.Token),
            };
            await Task.WhenAny(both);
            if (here.IsCancellationRequested)
                Interlocked.Increment(ref were);
            await end.CancelAsync();
            await Task.WhenAll(both);
            // A reset, not a goodbye: what is under way is lost.
            client.LingerState = new LingerOption(true, 0);
        }

        private async Task CopyAsync(NetworkStream from, NetworkStream to, CancellationToken cancel)
        {
            var buffer = new byte[16 * 1024];
            try
            {
                while (await from.ReadAsync(buffer, cancel) is var read and > 0)
                {
                    await to.WriteAsync(buffer.AsMemory(0, read), cancel);
                    Interlocked.Add(ref carried, read);
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The other direction, or one of the ends, is gone.
            }
        }
    }
}
