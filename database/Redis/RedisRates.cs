using Orchestra.Sync;
using Orchestra.Sync.Relay;
using StackExchange.Redis;

namespace Orchestra.Database.Redis;

/// <summary>Buckets in Redis, <c>rate:{owner}</c>, that go when they would be full.</summary>
/// <param name="connection">The way there.</param>
public sealed class RedisRates(RedisConnection connection) : IRateRelay
{
    /// <summary>
    /// The bucket may be overdrawn by what it holds, no further, and whatever else stands there counts
    /// as a full one. Time is the server's, so that gateways' clocks do not matter.
    /// </summary>
    private const string Script = """
        local rate, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local kind = redis.call('TYPE', KEYS[1]).ok
        if kind ~= 'hash' and kind ~= 'none' then redis.call('DEL', KEYS[1]) end
        local clock = redis.call('TIME')
        local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
        local found = redis.call('HMGET', KEYS[1], 'tokens', 'at')
        local tokens, at = tonumber(found[1] or ''), tonumber(found[2] or '')
        if not tokens or not at or tokens ~= tokens or at ~= at or at > now then
          tokens, at = burst, now
        end
        tokens = math.min(burst, tokens + (now - at) * rate / 1000) - cost
        tokens = math.max(tokens, -burst)
        redis.call('HSET', KEYS[1], 'tokens', string.format('%.3f', tokens), 'at',
          string.format('%.0f', now))
        redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) * 1000 / rate) + 1000)
        if tokens >= 0 then return 0 end
        return math.ceil(-tokens * 1000 / rate)
        """;

    public async Task<TimeSpan> TakeAsync(OwnerId owner, RequestRate rate, int tokens)
    {
        if (!connection.IsUp)
            return TimeSpan.Zero;
        try
        {
            var answer = await connection
                .Database.ScriptEvaluateAsync(
                    Script,
                    [$"rate:{owner}"],
                    [rate.PerSecond, rate.Burst, tokens]
                )
                .WaitAsync(RedisOptions.Patience);
            var wait = TimeSpan.FromMilliseconds((long)answer);
            return wait < rate.FullAfter ? wait : rate.FullAfter;
        }
        catch (Exception e) when (connection.IsRedisFault(e))
        {
            RelayCounters.Failures.Add(1);
            return TimeSpan.Zero;
        }
    }
}
