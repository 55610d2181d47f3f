using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orleans.Runtime;
using Orleans.Streams;
using Orleans.Streams.PubSub;

namespace Orchestra.Grains.Events;

/// <summary>The operators' events as this silo writes and reads them now.</summary>
public sealed class EventStreams(IClusterClient cluster, IClusterMembershipService membership)
{
    private IStreamProvider Provider => cluster.GetStreamProvider(OperatorEventStream.Provider);

    /// <summary>Another one as soon as a silo has joined or left.</summary>
    public StreamId Current =>
        StreamId.Create(
            OperatorEventStream.Namespace,
            OperatorEventStream.KeyOf(membership.CurrentSnapshot.Version.Value)
        );

    public IAsyncStream<OperatorEventBatch> Open(StreamId stream) =>
        Provider.GetStream<OperatorEventBatch>(stream);

    /// <summary>Whether anybody on any silo reads it.</summary>
    public async Task<bool> IsWatchedAsync(StreamId stream)
    {
        Invariant.Require(Provider.TryGetStreamSubscriptionManager(out var subscriptions));
        return (await subscriptions.GetSubscriptions(OperatorEventStream.Provider, stream)).Any();
    }
}
