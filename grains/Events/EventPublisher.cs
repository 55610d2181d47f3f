using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestra.Grains.Interfaces;
using Orleans.Runtime;

namespace Orchestra.Grains.Events;

/// <summary>
/// Publishes what this silo's buffer holds, a few times a second and a batch at a time, while
/// somebody watches. While nobody does it asks now and then, and that is all it costs.
/// </summary>
internal sealed class EventPublisher(
    EventBuffer buffer,
    EventStreams streams,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<EventPublisher> logger
) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(2);

    private long? lookedAt;
    private bool isFailing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.StartedAsync(stoppingToken);
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(streams.Current);
                // What was kept for a watcher who has left goes as well.
                if (buffer.Take() is { } batch && buffer.IsWatched)
                    await PublishAsync(streams.Current, batch);
                isFailing = false;
            }
            catch (Exception e)
            {
                // Silos come and go, and events are not worth more than the next attempt.
                if (!isFailing)
                    EventLog.NotPublished(logger, e.Message);
                isFailing = true;
            }
        }
    }

    private async Task LookAsync(StreamId stream)
    {
        if (lookedAt is { } last && time.GetElapsedTime(last) < LookPeriod)
            return;
        lookedAt = time.GetTimestamp();
        if (await streams.IsWatchedAsync(stream))
            buffer.SeeWatcher();
    }

    private async Task PublishAsync(StreamId stream, OperatorEventBatch batch)
    {
        try
        {
            await streams.Open(stream).OnNextAsync(batch);
        }
        catch (Exception)
        {
            buffer.CountAsDropped(batch);
            throw;
        }
    }
}
