using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestra.Sync.Errors;

namespace Orchestra.Client.Hosting;

/// <summary>
/// Keeps the client connected while the host runs. What waiting does not cure ends no app: it is
/// logged, it shows in <see cref="OrchestraClient.Status"/>, and after a while it is tried again, for
/// somebody may have done something.
/// </summary>
internal sealed class SyncService(
    OrchestraClient client,
    ClientOptions options,
    ILogger<SyncService> logger
) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await client.RunAsync(stoppingToken);
            }
            catch (SyncException error)
            {
                ClientLog.SyncEnded(logger, error.Code, error);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                ClientLog.SyncFailed(logger, error);
            }
            await Task.Delay(options.LongestRetry, options.Time, stoppingToken);
        }
    }
}
