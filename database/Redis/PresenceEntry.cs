using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Relay;
using Orchestra.Sync.Wire;

namespace Orchestra.Database.Redis;

/// <summary>
/// A connected device as Redis has it, in a hash. The field's name is <c>DEVICE:PLACE</c>, two UUIDs;
/// its value <c>UNTIL PRESENCE</c>, milliseconds since 1970 and the wire's message about that device.
/// </summary>
/// <param name="Place">Where its socket is.</param>
/// <param name="Device">What it says.</param>
/// <param name="Until">When it is to be forgotten.</param>
internal sealed record PresenceEntry(Guid Place, WirePresence Device, DateTimeOffset Until)
{
    /// <summary>A longer value is garbage and is not looked at.</summary>
    public const int MostBytes = 2048;

    private const int IdLength = 36;

    public string Name => $"{Device.Id}:{Place:D}";

    public byte[] Write() =>
        [
            .. Encoding.UTF8.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"{Until.ToUnixTimeMilliseconds()} ")
            ),
            .. WireCodec.Write(new PresentMessage([Device])),
        ];

    /// <param name="name">The field's.</param>
    /// <param name="value">The field's.</param>
    /// <param name="now">For how long an entry may be meant to last counts from here.</param>
    /// <returns>Null = it is none.</returns>
    public static PresenceEntry? TryRead(string name, ReadOnlySpan<byte> value, DateTimeOffset now)
    {
        if (
            name.Length != 2 * IdLength + 1
            || name[IdLength] != ':'
            || !Guid.TryParseExact(name.AsSpan(0, IdLength), "D", out var device)
            || !Guid.TryParseExact(name.AsSpan(IdLength + 1), "D", out var place)
            || value.Length > MostBytes
            || !Utf8Parser.TryParse(value, out long until, out var length)
            || until < 0
            || until > (now + 2 * IPresenceRelay.Lease).ToUnixTimeMilliseconds()
            || length >= value.Length
            || ReadDevice(value[length..]) is not { } said
            || said.Id.Value != device
        )
            return null;
        return new(place, said, DateTimeOffset.FromUnixTimeMilliseconds(until));
    }

    private static WirePresence? ReadDevice(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return
                WireCodec.ReadServerMessage(bytes) is PresentMessage { Devices: [var said] }
                && said.Name.Length is > 0 and <= Limits.DeviceTextLength
                && IsWritable(said)
                ? said
                : null;
        }
        catch (Exception e) when (e is SyncException or JsonException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>It goes to every socket of the owner: what cannot be written must not get there.</summary>
    private static bool IsWritable(WirePresence said)
    {
        if (
            said.State is { } state
            && Encoding.UTF8.GetByteCount(state.GetRawText()) > Limits.PresenceBytes
        )
            return false;
        try
        {
            WireCodec.Write(new PresentMessage([said]));
            return true;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            return false;
        }
    }
}
