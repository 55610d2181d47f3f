using Orchestra.Client;
using Orchestra.Sync;

namespace Orchestra.Cli.Terminal;

/// <summary>A device as a line for people or for programs.</summary>
internal static class DeviceText
{
    private static string Kind(UserDevice device) =>
        device.Kind is { } kind ? EnumNames<DeviceKind>.Write(kind) : "unknown";

    public static IReadOnlyList<string> ToCells(UserDevice device, DeviceId own) =>
        [
            device.Id.ToString(),
            Kind(device),
            device.Name,
            device.App,
            $"{device.Priority}",
            device.RevokedAt is { } at ? $"revoked {Timestamps.Write(at)}"
            : device.Id == own ? "this device"
            : "",
        ];

    public static string ToJson(UserDevice device, DeviceId own) =>
        JsonLine.Of(
            ("device", device.Id),
            ("kind", Kind(device)),
            ("name", device.Name),
            ("app", device.App),
            ("priority", device.Priority),
            ("revoked_at", device.RevokedAt),
            ("own", device.Id == own)
        );
}
