using System.Net;
using System.Threading.RateLimiting;
using Orchestra.Gateway.Errors;
using Orchestra.Sync;

namespace Orchestra.Gateway.Sockets;

/// <summary>
/// How many sockets there may be at once: in all, from one address, before hello, and of one user.
/// What it hands out is a place, which is free again when it is disposed of.
/// </summary>
internal sealed class Admission(GatewayOptions options) : IDisposable
{
    private readonly ConcurrencyLimiter all = Places(options.Connections.All);
    private readonly ConcurrencyLimiter strangers = Places(options.Connections.Strangers);

    private readonly PartitionedRateLimiter<IPAddress> addresses = PartitionedRateLimiter.Create<
        IPAddress,
        IPAddress
    >(address => PlacesOf(address, options.Connections.PerAddress));

    private readonly PartitionedRateLimiter<OwnerId> users = PartitionedRateLimiter.Create<
        OwnerId,
        OwnerId
    >(user => PlacesOf(user, options.Connections.PerUser));

    /// <summary>For as long as a socket is open.</summary>
    /// <exception cref="Sync.Errors.SyncException"><c>overloaded</c></exception>
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
            return new Both(
                place,
                Require(
                    addresses.AttemptAcquire(from),
                    "There are as many connections from this address as the server takes"
                )
            );
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    /// <summary>For as long as a socket has not said hello.</summary>
    /// <exception cref="Sync.Errors.SyncException"><c>overloaded</c></exception>
    public IDisposable EnterStranger() =>
        Require(strangers.AttemptAcquire(), "Too many connections have not said hello yet");

    /// <summary>For as long as a user's device is connected.</summary>
    /// <exception cref="Sync.Errors.SyncException"><c>overloaded</c></exception>
    public IDisposable EnterUser(OwnerId user) =>
        Require(
            users.AttemptAcquire(user),
            "This user has as many connections as the server takes"
        );

    public void Dispose()
    {
        all.Dispose();
        strangers.Dispose();
        addresses.Dispose();
        users.Dispose();
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
