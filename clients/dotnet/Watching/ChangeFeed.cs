using Orchestra.Client.Local;

namespace Orchestra.Client.Watching;

/// <summary>Tells live queries that rows they read may have changed.</summary>
internal sealed class ChangeFeed
{
    private readonly Lock gate = new();
    private readonly List<Subscription> subscriptions = [];
    private bool isComplete;

    public Subscription Subscribe()
    {
        var subscription = new Subscription(this);
        lock (gate)
        {
            subscriptions.Add(subscription);
            if (isComplete)
                subscription.Signal.Complete();
        }
        return subscription;
    }

    public void Publish(LocalCommit commit)
    {
        lock (gate)
            foreach (var subscription in subscriptions)
                if (subscription.Reads.AreTouchedBy(commit.Touched))
                    subscription.Signal.Set();
    }

    /// <summary>Ends what waits here.</summary>
    public void Complete()
    {
        lock (gate)
        {
            isComplete = true;
            foreach (var subscription in subscriptions)
                subscription.Signal.Complete();
        }
    }

    /// <summary>One live query's place in the feed.</summary>
    internal sealed class Subscription(ChangeFeed feed) : IDisposable
    {
        private QueryReads reads = QueryReads.Anything;

        public Signal Signal { get; } = new();

        /// <summary>What it read when it last ran.</summary>
        public QueryReads Reads
        {
            get => Volatile.Read(ref reads);
            set => Volatile.Write(ref reads, value);
        }

        public void Dispose()
        {
            lock (feed.gate)
                feed.subscriptions.Remove(this);
        }
    }
}
