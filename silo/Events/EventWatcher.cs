using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Orchestra.Silo.Events;

/// <summary>
/// One who watches. At most <see cref="Capacity"/> messages wait for him; beyond that the oldest go,
/// and he is told how many. Whoever writes never waits for whoever reads.
/// </summary>
internal sealed class EventWatcher : IDisposable
{
    public const int Capacity = 1_000;

    private static readonly TimeSpan AlivePeriod = TimeSpan.FromSeconds(15);

    private readonly Channel<FeedItem> waiting;
    private readonly EventFilter filter;
    private readonly TimeProvider time;
    private readonly Action<EventWatcher> leave;
    private long dropped;

    /// <param name="filter">What he wants to see.</param>
    /// <param name="time">The clock of the silence between messages.</param>
    /// <param name="leave">Called when he has gone.</param>
    public EventWatcher(EventFilter filter, TimeProvider time, Action<EventWatcher> leave)
    {
        this.filter = filter;
        this.time = time;
        this.leave = leave;
        waiting = Channel.CreateBounded<FeedItem>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest },
            _ => Interlocked.Increment(ref dropped)
        );
    }

    public int Waiting => waiting.Reader.Count;

    public void Tell(FeedItem item)
    {
        if (item.Event is null || filter.Matches(item.Event))
            waiting.Writer.TryWrite(item);
    }

    /// <summary>Nothing more comes; what waits is still read.</summary>
    public void Complete() => waiting.Writer.TryComplete();

    /// <summary>What there is, and what comes, to the end of the feed.</summary>
    public async IAsyncEnumerable<SseItem<string>> ReadAsync(
        [EnumeratorCancellation] CancellationToken cancellation = default
    )
    {
        while (true)
        {
            var more = waiting.Reader.WaitToReadAsync(cancellation).AsTask();
            while (!more.IsCompleted)
                if (await IsSilentAsync(more, cancellation))
                    yield return ToSse(FeedItem.Alive);
            if (!await more)
                yield break;
            while (waiting.Reader.TryRead(out var item))
            {
                if (Interlocked.Exchange(ref dropped, 0) is > 0 and var count)
                    yield return ToSse(FeedItem.Dropped(count));
                yield return ToSse(item);
            }
        }
    }

    public void Dispose()
    {
        Complete();
        leave(this);
    }

    private async Task<bool> IsSilentAsync(Task news, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var silence = Task.Delay(AlivePeriod, time, over.Token);
        var first = await Task.WhenAny(news, silence);
        await over.CancelAsync();
        return first == silence && !cancellation.IsCancellationRequested;
    }

    private static SseItem<string> ToSse(FeedItem item) => new(item.Json, item.Type);
}
