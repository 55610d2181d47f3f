using Orchestra.Sync.Relay;
using StackExchange.Redis;

namespace Orchestra.Database.Redis;

/// <summary>
/// Numbers of sockets in Redis: a hash <c>seats:{whose}</c> with an entry a gateway, which is how many
/// and until when that counts.
/// </summary>
/// <param name="connection">The way there.</param>
public sealed class RedisSeats(RedisConnection connection) : ISeatRelay
{
    /// <summary>More entries than this were not written by gateways.</summary>
    private const int MostPlaces = 1_000;

    /// <summary>
    /// What is no entry, is over, or lasts longer than any gateway says is removed. Time is the
    /// server's, so that gateways' clocks do not matter.
    /// </summary>
    private const string Script = """
        local place, here, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
        local kind = redis.call('TYPE', KEYS[1]).ok
        if (kind ~= 'hash' and kind ~= 'none')
          or (kind == 'hash' and redis.call('HLEN', KEYS[1]) > tonumber(ARGV[4])) then
          redis.call('DEL', KEYS[1])
        end
        local now, elsewhere = tonumber(redis.call('TIME')[1]), 0
        local entries = redis.call('HGETALL', KEYS[1])
        for i = 1, #entries, 2 do
          local count, till = string.match(entries[i + 1], '^(%d+) (%d+)$')
          count, till = tonumber(count), tonumber(till)
          if not count or till <= now or till > now + lease then
            redis.call('HDEL', KEYS[1], entries[i])
          elseif entries[i] ~= place then
            elsewhere = elsewhere + count
          end
        end
        if here == 0 then
          redis.call('HDEL', KEYS[1], place)
        else
          redis.call('HSET', KEYS[1], place, string.format('%d %d', here, now + lease))
          redis.call('EXPIRE', KEYS[1], lease)
        end
        return math.min(elsewhere, 1000000)
        """;

    public async Task<int> ExchangeAsync(string whose, Guid place, int here)
    {
        if (!connection.IsUp)
            return 0;
        try
        {
            var answer = await connection
                .Database.ScriptEvaluateAsync(
                    Script,
                    [$"seats:{whose}"],
                    [place.ToString("D"), here, (int)ISeatRelay.Lease.TotalSeconds, MostPlaces]
                )
                .WaitAsync(RedisOptions.Patience);
            return (int)answer;
        }
        catch (Exception e) when (connection.IsRedisFault(e))
        {
            RelayCounters.Failures.Add(1);
            return 0;
        }
    }
}
