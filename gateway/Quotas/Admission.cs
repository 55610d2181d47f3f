using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Orchestra.Gateway.Errors;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Relay;

namespace Orchestra.Gateway.Quotas;

/// <summary>
/// How many sockets there may be at once: in all, from one address, before hello, and of one user.
/// What it hands out is a place, which is free again when it is disposed of. This process decides at
/// once; with a relay, those of an address and of a user are counted over all gateways too, a moment
/// later.
/// </summary>
internal sealed class Admission : IDisposable
{
    private const string FullAddress =
        "There are as many connections from this address as the server takes";

    private const string FullUser = "This user has as many connections as the server takes";

    private readonly ConnectionLimits limits;
    private readonly SharedSeats? shared;
    private readonly ConcurrencyLimiter all;
    private readonly ConcurrencyLimiter strangers;
    private readonly PartitionedRateLimiter<IPAddress> addresses;
    private readonly PartitionedRateLimiter<OwnerId> users;

    public Admission(GatewayOptions options, TimeProvider time, ISeatRelay? relay = null)
    {
        limits = options.Connections;
        all = Places(limits.All);
        strangers = Places(limits.Strangers);
        addresses = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address =>
            PlacesOf(address, limits.PerAddress)
        );
        users = PartitionedRateLimiter.Create<OwnerId, OwnerId>(user =>
            PlacesOf(user, limits.PerUser)
        );
        if (relay is not null)
            shared = new SharedSeats(relay, time);
    }

    /// <summary>For as long as a socket is open.</summary>
    /// <exception cref="SyncException"><c>overloaded</c></exception>
    public IDisposable Enter(IPAddress? from)
    {
        var place = Require(
            all.AttemptAcquire(),
            "This server has as many connections as it takes"
        );
        if (from is null)
            return place;
        try
        {
            return new Both(place, Require(addresses.AttemptAcquire(NetworkOf(from)), FullAddress));
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    /// <summary>For as long as a socket has not said hello.</summary>
    /// <exception cref="SyncException"><c>overloaded</c></exception>
    public IDisposable EnterStranger() =>
        Require(strangers.AttemptAcquire(), "Too many connections have not said hello yet");

    /// <summary>
    /// Likewise, where the upgrade's token says whose it is: it takes no place from strangers.
    /// </summary>
    /// <exception cref="SyncException"><c>overloaded</c></exception>
    public IDisposable EnterKnown(OwnerId user) => Require(users.AttemptAcquire(user), FullUser);

    /// <summary>For as long as a user's device is connected.</summary>
    /// <param name="user">The user.</param>
    /// <param name="turnAway">Called when there turn out to be too many at all gateways.</param>
    /// <exception cref="SyncException"><c>overloaded</c></exception>
    public IDisposable EnterUser(OwnerId user, Action<SyncException> turnAway)
    {
        var place = Require(users.AttemptAcquire(user), FullUser);
        return Share($"user:{user}", limits.PerUser, FullUser, turnAway) is { } seat
            ? new Both(place, seat)
            : place;
    }

    /// <summary>Counts a socket with those from its address at other gateways.</summary>
    /// <param name="from">The address; null = unknown.</param>
    /// <param name="turnAway">Called when there turn out to be too many.</param>
    public IDisposable? ShareAddress(IPAddress? from, Action<SyncException> turnAway) =>
        from is null
            ? null
            : Share($"address:{NetworkOf(from)}", limits.PerAddress, FullAddress, turnAway);

    /// <summary>Tells other gateways again, if it is time to.</summary>
    public void Renew() => shared?.Renew();

    public void Dispose()
    {
        all.Dispose();
        strangers.Dispose();
        addresses.Dispose();
        users.Dispose();
    }

    private IDisposable? Share(
        string whose,
        int limit,
        string otherwise,
        Action<SyncException> turnAway
    ) => limit == 0 ? null : shared?.Take(whose, limit, () => turnAway(Refusals.Full(otherwise)));

    /// <summary>Whoever has one address of version 6 has the 2^64 of its network.</summary>
    internal static IPAddress NetworkOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private static RateLimitLease Require(RateLimitLease place, string otherwise)
    {
        if (place.IsAcquired)
            return place;
        place.Dispose();
        throw Refusals.Full(otherwise);
    }

    private static ConcurrencyLimiter Places(int count) => new(ToOptions(count));

    private static RateLimitPartition<T> PlacesOf<T>(T key, int count) =>
        count == 0
            ? RateLimitPartition.GetNoLimiter(key)
            : RateLimitPartition.GetConcurrencyLimiter(key, _ => ToOptions(count));

    private static ConcurrencyLimiterOptions ToOptions(int count) =>
        new() { PermitLimit = count, QueueLimit = 0 };

    private sealed record Both(IDisposable First, IDisposable Second) : IDisposable
    {
        public void Dispose()
        {
            Second.Dispose();
            First.Dispose();
        }
    }
}
