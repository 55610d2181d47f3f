namespace Orchestra.Sync.Relay;

/// <summary>How many sockets somebody has at all gateways together. A hint, like all here.</summary>
public interface ISeatRelay
{
    /// <summary>How long a number lasts that nobody renews.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    /// <summary>How often a gateway renews.</summary>
    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Tells other places how many sockets are here, and learns how many are there. Takes a second at
    /// most and never fails: what cannot be learnt is none.
    /// </summary>
    /// <param name="whose">A user or an address, at most 64 characters.</param>
    /// <param name="place">The caller, by a random id of its own.</param>
    /// <param name="here">All that are here; 0 takes back what was told.</param>
    Task<int> ExchangeAsync(string whose, Guid place, int here);
}
