using Orchestra.Sync.Wire;

namespace Orchestra.Sync.Relay;

/// <summary>Which of an owner's devices are connected to other gateways. A hint, like all here.</summary>
public interface IPresenceRelay
{
    /// <summary>How long an entry lasts that nobody renews.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    /// <summary>How often a gateway renews.</summary>
    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Tells other places which devices are connected to this one, and learns which are connected to
    /// them. Takes two seconds at most and never fails: what cannot be learnt is nothing.
    /// </summary>
    /// <param name="owner">Whose.</param>
    /// <param name="place">The caller, by a random id of its own.</param>
    /// <param name="here">
    /// All that are here, 0 to <see cref="Limits.DevicesPerOwner"/>; what was told before and is not
    /// among them is taken back.
    /// </param>
    /// <returns>Those elsewhere, at most <see cref="Limits.DevicesPerOwner"/>, by their ids.</returns>
    Task<IReadOnlyList<WirePresence>> ExchangeAsync(
        OwnerId owner,
        Guid place,
        IReadOnlyList<WirePresence> here
    );

    /// <summary>
    /// Calls <paramref name="changed"/> with the place that has told something, which may be one's
    /// own, on any thread and at any rate, until the result is disposed of. A few more calls may
    /// follow that.
    /// </summary>
    IDisposable Listen(OwnerId owner, Action<Guid> changed);
}
