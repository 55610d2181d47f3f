using Orchestra.Grains.Events;
using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orchestra.Grains.Embeddings;

/// <summary>
/// Who has committed, as the operators' events tell: soon, mostly, and not for certain. For one grain.
/// </summary>
internal sealed class CommitNews(EventStreams streams, EventBuffer buffer)
{
    private StreamId? stream;
    private StreamSubscriptionHandle<OperatorEventBatch>? subscription;

    /// <summary>Listens where the events are now.</summary>
    /// <param name="hear">Gets each owner.</param>
    /// <returns>Whether it did not listen there before, so that something may have been missed.</returns>
    public async Task<bool> FollowAsync(Action<OwnerId> hear)
    {
        var current = streams.Current;
        if (stream == current)
            return false;
        Leave();
        subscription = await streams
            .Open(current)
            .SubscribeAsync(
                (batch, _) =>
                {
                    foreach (var happened in batch.Events)
                        if (happened is { Kind: OperatorEventKind.Commit, To: not null })
                            hear(happened.Owner);
                    return Task.CompletedTask;
                }
            );
        stream = current;
        buffer.SeeWatcher();
        return true;
    }

    /// <summary>Whoever keeps the old subscription may be gone: nobody waits for his answer.</summary>
    public void Leave()
    {
        if (subscription is { } old)
            _ = old.UnsubscribeAsync().ContinueWith(end => end.Exception, TaskScheduler.Default);
        (stream, subscription) = (null, null);
    }
}
