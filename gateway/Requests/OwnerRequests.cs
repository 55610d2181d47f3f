using Orchestra.Gateway.Authentication;
using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Store;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Requests;

/// <summary>
/// What a caller can ask of its owner's data. Both doors come through here, so that they cannot
/// answer differently.
/// </summary>
internal sealed class OwnerRequests(IGrainFactory grains, CatalogView catalogs)
{
    /// <summary>The most conflicts a page may hold.</summary>
    public const int ConflictsPerPage = 500;

    public Task<Session> OpenAsync(Caller caller, WireDevice device) =>
        Grain(caller).OpenSession(device.ToInfo());

    public async Task<PushedMessage> PushAsync(Caller caller, DeviceId device, PushMessage push)
    {
        caller.RequireOwner(push.Owner);
        var verdicts = await Grain(caller).Push(push.ToPush(device));
        return new PushedMessage(
            caller.Owner,
            [.. verdicts.Select(verdict => verdict.ToVerdict())],
            push.Ref
        );
    }

    /// <summary>Checks a filter of entity types; null stands for all of them.</summary>
    /// <exception cref="SyncException"><c>unknown_entity</c></exception>
    public async Task RequireEntitiesAsync(IReadOnlyList<string>? entities)
    {
        if (entities is null)
            return;
        var catalog = await catalogs.CurrentAsync();
        if (entities.Any(entity => catalog.Find(entity) is null))
            throw new SyncException(
                ErrorCode.UnknownEntity,
                "There is no entity type of that name",
                "entities"
            );
    }

    public async Task<VerifiedMessage> VerifyAsync(Caller caller, VerifyMessage verify)
    {
        caller.RequireOwner(verify.Owner);
        await RequireEntitiesAsync(verify.Entities);
        var verified = await Grain(caller).Verify([.. verify.Entities.Distinct()]);
        return new VerifiedMessage(
            caller.Owner,
            verified.At,
            Digest.Write(verified.Digest),
            verified.Rows,
            verify.Ref
        );
    }

    public async Task<WireConflicts> ReadConflictsAsync(
        Caller caller,
        ConflictPosition? before,
        int limit
    ) => (await Grain(caller).ReadConflicts(before, limit)).ToConflicts();

    public async Task<WireDevices> ReadDevicesAsync(Caller caller) =>
        new([.. (await Grain(caller).ReadDevices()).Select(row => row.ToDevice())]);

    public Task UpdateDeviceAsync(Caller caller, DeviceId device, DevicePatch patch) =>
        Grain(caller).UpdateDevice(device, patch.Name, patch.Priority);

    public Task RevokeDeviceAsync(Caller caller, DeviceId device) =>
        Grain(caller).RevokeDevice(device);

    private ISyncGrain Grain(Caller caller) => grains.GetGrain<ISyncGrain>(caller.Owner.Value);
}
