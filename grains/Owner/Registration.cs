using Orchestra.Sync;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Errors;

namespace Orchestra.Grains.Owner;

/// <summary>The rows about owners and devices that the server itself writes.</summary>
internal static class Registration
{
    /// <summary>What must be written before a device can sync; nothing, as a rule.</summary>
    public static IReadOnlyList<Change> Of(
        OwnerState state,
        DeviceInfo device,
        DevicePriorities priorities
    )
    {
        if (device.Id == DeviceId.Server)
            throw new SyncException(
                ErrorCode.InvalidValue,
                "The nil UUID is no device",
                "device.id"
            );
        RequireText(device.Name, "device.name");
        RequireText(device.App, "device.app");
        if (state.IsRevoked(device.Id))
            throw new SyncException(ErrorCode.DeviceRevoked, "This device was revoked", "device");

        var writes = OwnerOf(state).ToList();
        if (!state.Devices.TryGetValue(device.Id, out var known))
        {
            if (state.Devices.Keys.Count(id => !state.IsRevoked(id)) >= Limits.DevicesPerOwner)
                throw new SyncException(
                    ErrorCode.DeviceLimit,
                    $"The owner has {Limits.DevicesPerOwner} devices; revoke one first",
                    "device"
                );
            writes.Add(
                ServerChange.Of(
                    ChangeOp.Create,
                    EngineEntities.Devices,
                    device.Id.Value,
                    Row(device, priorities)
                )
            );
        }
        else if (known["app"] != FieldValue.Text(device.App))
        {
            writes.Add(
                ServerChange.Of(
                    ChangeOp.Update,
                    EngineEntities.Devices,
                    device.Id.Value,
                    new Dictionary<string, FieldValue> { ["app"] = FieldValue.Text(device.App) }
                )
            );
        }
        return writes;
    }

    /// <summary>What is written with an owner's first commit.</summary>
    public static IReadOnlyList<Change> OwnerOf(OwnerState state) =>
        state.Head.CommitNo == 0
            ?
            [
                ServerChange.Of(
                    ChangeOp.Create,
                    EngineEntities.Users,
                    state.Owner.Value,
                    Change.NoFields
                ),
            ]
            : [];

    public static IReadOnlyList<Change> Revise(
        OwnerState state,
        DeviceId device,
        string? name,
        int? priority
    )
    {
        RequireKnown(state, device);
        var fields = new Dictionary<string, FieldValue>();
        if (name is not null)
        {
            RequireText(name, "name");
            fields["name"] = FieldValue.Text(name);
        }
        if (priority is { } value)
        {
            if (value is < 0 or > DevicePriorities.Highest)
                throw new SyncException(
                    ErrorCode.InvalidValue,
                    $"A priority is 0 to {DevicePriorities.Highest}",
                    "priority"
                );
            fields["priority"] = FieldValue.Integer(value);
        }
        return [ServerChange.Of(ChangeOp.Update, EngineEntities.Devices, device.Value, fields)];
    }

    public static IReadOnlyList<Change> Revoke(
        OwnerState state,
        DeviceId device,
        DateTimeOffset now
    )
    {
        RequireKnown(state, device);
        var fields = new Dictionary<string, FieldValue>
        {
            ["revoked_at"] = FieldValue.Text(Timestamps.Write(now)),
        };
        return [ServerChange.Of(ChangeOp.Update, EngineEntities.Devices, device.Value, fields)];
    }

    private static Dictionary<string, FieldValue> Row(
        DeviceInfo device,
        DevicePriorities priorities
    ) =>
        new()
        {
            ["kind"] = FieldValue.Text(EnumNames<DeviceKind>.Write(device.Kind)),
            ["name"] = FieldValue.Text(device.Name),
            ["app"] = FieldValue.Text(device.App),
            ["priority"] = FieldValue.Integer(priorities.Of(device.Kind)),
        };

    private static void RequireKnown(OwnerState state, DeviceId device)
    {
        if (!state.Devices.ContainsKey(device))
            throw new SyncException(ErrorCode.NotFound, "There is no such device", "id");
    }

    private static void RequireText(string text, string member)
    {
        if (text.Length is 0 or > Limits.DeviceTextLength)
            throw new SyncException(
                ErrorCode.InvalidValue,
                $"1 to {Limits.DeviceTextLength} characters",
                member
            );
    }
}
