using System.Text;
using System.Text.Json;
using Orchestra.Sync;
using Orchestra.Sync.Errors;

namespace Orchestra.Gateway.Sockets;

/// <summary>What a device tells the owner's other devices of itself, for as long as it is here.</summary>
internal static class PresenceState
{
    /// <exception cref="SyncException"><c>value_too_large</c> or <c>malformed</c>.</exception>
    public static JsonElement Require(JsonElement state)
    {
        if (Encoding.UTF8.GetByteCount(state.GetRawText()) > Limits.PresenceBytes)
            throw new SyncException(
                ErrorCode.ValueTooLarge,
                $"A state may have {Limits.PresenceBytes} bytes",
                "state"
            );
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
}
