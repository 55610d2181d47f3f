using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestra.Client.Connection;
using Orchestra.Sync.Errors;

namespace Orchestra.Client.Hosting;

/// <summary>Keeps the client connected while the host runs, and logs why it is not.</summary>
internal sealed class SyncService(
    OrchestraClient client,
    ClientOptions options,
    ILogger<SyncService> logger
) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        StandingSync.RunAsync(client.RunAsync, options, Log, stoppingToken);

    private void Log(Exception error)
    {
        if (error is SyncException sync)
            ClientLog.SyncEnded(logger, sync.Code, error);
        else
            ClientLog.SyncFailed(logger, error);
    }
}
