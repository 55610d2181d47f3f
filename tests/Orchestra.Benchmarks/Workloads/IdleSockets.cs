using System.Net.WebSockets;

namespace Orchestra.Benchmarks.Workloads;

/// <summary>W4: what a connected device costs that says nothing, its owner's grain included.</summary>
internal sealed class IdleSockets : IWorkload
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    public string Name => "W4";

    public async Task<IReadOnlyList<Finding>> RunAsync(
        Stage stage,
        WorkloadSettings settings,
        Action advance,
        CancellationToken cancel
    )
    {
        for (var i = 0; i <= settings.Rounds; i++)
            advance();
        await using var frugal = await Stage.OpenAsync(Stage.SmallNursery);
        await OpenBareAsync(frugal, settings.Sockets / 10, 0, cancel);
        await ConnectAsync(frugal, settings.Sockets / 10, 0, cancel);
        var bare = await OpenBareAsync(frugal, settings.Sockets, frugal.Kestrel.Id, cancel);
        var ours = await ConnectAsync(frugal, settings.Sockets, frugal.Silo.Id, cancel);
        return
        [
            new(
                Name,
                $"{settings.Sockets:N0} idle devices, each of another owner",
                "KB",
                ours,
                bare,
                Goal.AtMost(1.6, 1.3)
            ),
        ];
    }

    private static async Task<double> ConnectAsync(
        Stage stage,
        int count,
        int process,
        CancellationToken cancel
    )
    {
        var before = await ReadAsync(process, cancel);
        var devices = await stage.ConnectManyAsync(count, cancel);
        var after = await ReadAsync(process, cancel);
        foreach (var device in devices)
            device.Dispose();
        return (after - before) / count;
    }

    private static async Task<double> OpenBareAsync(
        Stage stage,
        int count,
        int process,
        CancellationToken cancel
    )
    {
        var before = await ReadAsync(process, cancel);
        var address = new UriBuilder(stage.KestrelAddress) { Scheme = "ws" }.Uri;
        List<ClientWebSocket> sockets = [];
        for (var i = 0; i < count; i++)
        {
            var socket = new ClientWebSocket();
            await socket.ConnectAsync(address, cancel);
            sockets.Add(socket);
        }
        var after = await ReadAsync(process, cancel);
        foreach (var socket in sockets)
            socket.Abort();
        return (after - before) / count;
    }

    /// <returns>KB; nothing of what only warms up.</returns>
    private static async Task<double> ReadAsync(int process, CancellationToken cancel)
    {
        if (process == 0)
            return 0;
        await Task.Delay(Rest, cancel);
        return Memory.Of(process) / 1024.0;
    }
}
