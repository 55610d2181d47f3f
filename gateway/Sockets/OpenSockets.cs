using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestra.Gateway.Errors;

namespace Orchestra.Gateway.Sockets;

/// <summary>
/// The sockets of this process. Before anything else stops, they are asked to come back later, each
/// at another moment, so that the next gateway is not met by all of them at once.
/// </summary>
internal sealed class OpenSockets(ILogger<OpenSockets> log) : IHostedLifecycleService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<SocketLoop, Task> open = [];
    private volatile bool draining;
    private int count;

    public int Count => Volatile.Read(ref count);

    /// <exception cref="Sync.Errors.SyncException"><c>draining</c></exception>
    public void RequireOpen()
    {
        if (draining)
            throw Refusals.Draining();
    }

    /// <summary>Runs a socket to its end.</summary>
    public async Task RunAsync(SocketLoop socket)
    {
        var end = new TaskCompletionSource();
        open[socket] = end.Task;
        Interlocked.Increment(ref count);
        // It was let in while the others were being told to leave.
        if (draining)
            _ = socket.DrainAsync(Spread.Next(), CancellationToken.None);
        try
        {
            await socket.RunAsync();
        }
        finally
        {
            open.TryRemove(socket, out _);
            Interlocked.Decrement(ref count);
            end.SetResult();
        }
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        draining = true;
        var ends = open.ToArray();
        log.DrainStarted(ends.Length);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await Task.WhenAll(
                ends.Select(end => end.Key.DrainAsync(Spread.Next(), patience.Token))
            );
            await Task.WhenAll(ends.Select(end => end.Value)).WaitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            log.DrainCutShort(open.Count);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
