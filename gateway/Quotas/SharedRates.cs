using System.Collections.Concurrent;
using Orchestra.Sync;
using Orchestra.Sync.Relay;

namespace Orchestra.Gateway.Quotas;

/// <summary>
/// Counts requests and takes a block of them from the bucket that all gateways share. Whoever asks
/// less than a block before he is forgotten costs no question at all.
/// </summary>
internal sealed class SharedRates(IRateRelay relay, RequestRate rate, TimeProvider time)
{
    /// <summary>Owners that are counted at once; beyond it all counts begin anew.</summary>
    private const int MostOwners = 100_000;

    /// <summary>A count that did not become a block in this time begins anew.</summary>
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromSeconds(10);

    /// <summary>Requests between two questions: so much a gateway can be too generous.</summary>
    private readonly int block = Math.Clamp(rate.Burst / 20, 1, 50);

    private readonly ConcurrentDictionary<OwnerId, Use> uses = [];

    /// <summary>Counts a request.</summary>
    /// <returns>How long the owner has to wait, by what is known; zero = not at all.</returns>
    public TimeSpan Count(OwnerId owner)
    {
        if (uses.Count >= MostOwners)
            uses.Clear();
        var use = uses.GetOrAdd(owner, _ => new Use(time.GetTimestamp()));
        lock (use)
        {
            var now = time.GetTimestamp();
            if (time.GetElapsedTime(now, use.BarredUntil) is var wait && wait > TimeSpan.Zero)
                return wait;
            if (!use.IsAsking && time.GetElapsedTime(use.Since, now) > ForgetAfter)
                (use.Requests, use.Since) = (0, now);
            use.Requests++;
            if (use.Requests < block || use.IsAsking)
                return TimeSpan.Zero;
            use.IsAsking = true;
        }
        _ = TakeAsync(owner, use);
        return TimeSpan.Zero;
    }

    private async Task TakeAsync(OwnerId owner, Use use)
    {
        int count;
        lock (use)
        {
            count = Math.Min(use.Requests, rate.Burst);
            (use.Requests, use.Since) = (0, time.GetTimestamp());
        }
        var wait = await relay.TakeAsync(owner, rate, count);
        lock (use)
        {
            use.IsAsking = false;
            use.BarredUntil =
                time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency);
        }
    }

    private sealed class Use(long since)
    {
        public long Since { get; set; } = since;

        public int Requests { get; set; }

        public bool IsAsking { get; set; }

        public long BarredUntil { get; set; } = since;
    }
}
