using Orchestra.Sync;

namespace Orchestra.Grains.Owner;

/// <summary>
/// What a new device's writes weigh when two were made in the same millisecond, by its kind:
/// 0 to 1000. An owner can change a device's own later.
/// </summary>
public sealed class DevicePriorities
{
    public const int Highest = 1000;

    public int Desktop { get; set; } = 50;
    public int MobileIos { get; set; } = 40;
    public int MobileAndroid { get; set; } = 40;
    public int Web { get; set; } = 30;
    public int Extension { get; set; } = 20;
    public int Cli { get; set; } = 50;
    public int Server { get; set; } = 60;

    public int Of(DeviceKind kind) =>
        kind switch
        {
            DeviceKind.Desktop => Desktop,
            DeviceKind.MobileIos => MobileIos,
            DeviceKind.MobileAndroid => MobileAndroid,
            DeviceKind.Web => Web,
            DeviceKind.Extension => Extension,
            DeviceKind.Cli => Cli,
            DeviceKind.Server => Server,
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind"),
        };
}
