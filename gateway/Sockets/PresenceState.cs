using System.Text;
using System.Text.Json;
using Orchestra.Sync;
using Orchestra.Sync.Errors;

namespace Orchestra.Gateway.Sockets;

/// <summary>What a device tells the owner's other devices of itself, for as long as it is here.</summary>
internal static class PresenceState
{
    /// <summary>The message, its list and its entry are around it when others get to see it.</summary>
    private const int Depth = Limits.JsonDepth - 3;

    /// <exception cref="SyncException">
    /// <c>value_too_large</c>, <c>too_deep</c> or <c>malformed</c>.
    /// </exception>
    public static JsonElement Require(JsonElement state)
    {
        if (Encoding.UTF8.GetByteCount(state.GetRawText()) > Limits.PresenceBytes)
            throw new SyncException(
                ErrorCode.ValueTooLarge,
                $"A state may have {Limits.PresenceBytes} bytes",
                "state"
            );
        if (DepthOf(state) > Depth)
            throw new SyncException(ErrorCode.TooDeep, $"A state may nest {Depth} levels", "state");
        // It is written to every socket of the owner: what cannot be written stops here.
        try
        {
            using var writer = new Utf8JsonWriter(Stream.Null);
            state.WriteTo(writer);
        }
        catch (InvalidOperationException)
        {
            throw new SyncException(ErrorCode.Malformed, "Not valid Unicode text", "state");
        }
        return state;
    }

    private static int DepthOf(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Object => 1 + DepthOfAny(value.EnumerateObject().Select(p => p.Value)),
            JsonValueKind.Array => 1 + DepthOfAny(value.EnumerateArray()),
            _ => 0,
        };

    private static int DepthOfAny(IEnumerable<JsonElement> values) =>
        values.Select(DepthOf).DefaultIfEmpty().Max();
}
