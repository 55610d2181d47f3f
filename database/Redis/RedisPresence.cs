using Orchestra.Sync;
using Orchestra.Sync.Relay;
using Orchestra.Sync.Wire;
using StackExchange.Redis;

namespace Orchestra.Database.Redis;

/// <summary>
/// Presence over Redis: a hash <c>presence:{owner}</c> with an entry a socket, and a channel of the
/// same name on which a place says that it has changed some.
/// </summary>
public sealed class RedisPresence : IPresenceRelay
{
    /// <summary>More than this in one hash was not written by gateways; it is thrown away.</summary>
    private const int MostEntries = 2 * Limits.DevicesPerOwner;

    private const int PlaceLength = 36;

    private readonly RedisConnection connection;
    private readonly TimeProvider time;
    private readonly Listeners<Action<Guid>> listeners;

    /// <param name="connection">The way there.</param>
    /// <param name="time">When entries end. Clocks of gateways agree to within some seconds.</param>
    public RedisPresence(RedisConnection connection, TimeProvider time)
    {
        this.connection = connection;
        this.time = time;
        listeners = new(connection, "presence", Hear);
    }

    public IDisposable Listen(OwnerId owner, Action<Guid> changed) => listeners.Add(owner, changed);

    public async Task<IReadOnlyList<WirePresence>> ExchangeAsync(
        OwnerId owner,
        Guid place,
        IReadOnlyList<WirePresence> here
    )
    {
        if (!connection.IsUp)
            return [];
        try
        {
            var now = time.GetUtcNow();
            var found = await ReadAsync(owner, now).WaitAsync(RedisOptions.Patience);
            var mine = here.Select(device => new PresenceEntry(
                    place,
                    device,
                    now + IPresenceRelay.Lease
                ))
                .ToDictionary(entry => entry.Name);
            var past = found
                .Where(pair =>
                    pair.Value is not { } entry
                    || entry.Until <= now
                    || (entry.Place == place && !mine.ContainsKey(pair.Key))
                )
                .Select(pair => pair.Key)
                .ToList();
            var isNews =
                past.Any(name => found[name] is not null)
                || mine.Any(pair => !IsSame(found.GetValueOrDefault(pair.Key), pair.Value));
            await WriteAsync(owner, mine.Values, past).WaitAsync(RedisOptions.Patience);
            if (isNews)
                await connection
                    .Subscriber.PublishAsync(listeners.ChannelOf(owner), place.ToString("D"))
                    .WaitAsync(RedisOptions.Patience);
            return Elsewhere(found.Values, place, now);
        }
        catch (Exception e) when (connection.IsRedisFault(e))
        {
            RelayCounters.Failures.Add(1);
            return [];
        }
    }

    private static WirePresence[] Elsewhere(
        IEnumerable<PresenceEntry?> found,
        Guid place,
        DateTimeOffset now
    ) =>
        [
            .. found
                .OfType<PresenceEntry>()
                .Where(entry => entry.Place != place && entry.Until > now)
                // A device that has moved is told by where it is now.
                .OrderByDescending(entry => entry.Until)
                .Select(entry => entry.Device)
                .DistinctBy(device => device.Id)
                .OrderBy(device => device.Id)
                .Take(Limits.DevicesPerOwner),
        ];

    /// <summary>Every field of the hash; null = it is no entry.</summary>
    private async Task<Dictionary<string, PresenceEntry?>> ReadAsync(
        OwnerId owner,
        DateTimeOffset now
    )
    {
        var (database, key) = (connection.Database, KeyOf(owner));
        // What is no hash, or too large for one, is not fetched.
        if (
            await database.KeyTypeAsync(key) is not (RedisType.Hash or RedisType.None)
            || await database.HashLengthAsync(key) > MostEntries
        )
        {
            RelayCounters.Garbage.Add(1);
            await database.KeyDeleteAsync(key);
            return [];
        }
        var found = (await database.HashGetAllAsync(key)).ToDictionary(
            field => (string)field.Name!,
            field =>
                PresenceEntry.TryRead(
                    (string)field.Name!,
                    ((ReadOnlyMemory<byte>)field.Value).Span,
                    now
                )
        );
        RelayCounters.Garbage.Add(found.Values.Count(entry => entry is null));
        return found;
    }

    private async Task WriteAsync(
        OwnerId owner,
        Dictionary<string, PresenceEntry>.ValueCollection entries,
        List<string> past
    )
    {
        var (database, key) = (connection.Database, KeyOf(owner));
        if (past.Count > 0)
            await database.HashDeleteAsync(key, [.. past.Select(name => (RedisValue)name)]);
        if (entries.Count == 0)
            return;
        await database.HashSetAsync(
            key,
            [.. entries.Select(entry => new HashEntry(entry.Name, entry.Write()))]
        );
        await database.KeyExpireAsync(key, 2 * IPresenceRelay.Lease);
    }

    /// <summary>But for the time: a renewal is no news.</summary>
    private static bool IsSame(PresenceEntry? old, PresenceEntry now) =>
        old is not null
        && WireCodec
            .Write(new PresentMessage([old.Device]))
            .AsSpan()
            .SequenceEqual(WireCodec.Write(new PresentMessage([now.Device])));

    private void Hear(RedisValue message, IReadOnlyList<Action<Guid>> hearers)
    {
        RelayCounters.Received.Add(1);
        if (
            message.Length() != PlaceLength
            || !Guid.TryParseExact((string?)message, "D", out var place)
        )
            RelayCounters.Garbage.Add(1);
        else
            foreach (var changed in hearers)
                changed(place);
    }

    private static RedisKey KeyOf(OwnerId owner) => $"presence:{owner}";
}
