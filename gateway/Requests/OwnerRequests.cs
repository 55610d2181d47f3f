using System.Diagnostics;
using Orchestra.Gateway.Authentication;
using Orchestra.Gateway.Quotas;
using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.Sync.Decisions;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Search;
using Orchestra.Sync.Store;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Requests;

/// <summary>
/// What a caller can ask of its owner's data. Both doors come through here, so that they cannot
/// answer differently.
/// </summary>
internal sealed class OwnerRequests(
    IGrainFactory grains,
    CatalogView catalogs,
    OwnerTurns? turns = null
)
{
    /// <summary>The most conflicts a page may hold.</summary>
    public const int ConflictsPerPage = 500;

    /// <summary>The most rows that a page of a search may hold, and how many it has if nobody says.</summary>
    public const int HitsPerPage = 100;
    public const int UsualHits = 20;

    public Task<Session> OpenAsync(Caller caller, WireDevice device) =>
        Grain(caller).OpenSession(device.ToInfo());

    public async Task<PushedMessage> PushAsync(Caller caller, DeviceId device, PushMessage push)
    {
        caller.RequireOwner(push.Owner);
        using var span = PushTrace.Begin(push.Changes.Count);
        var start = Stopwatch.GetTimestamp();
        try
        {
            var verdicts = await Grain(caller).Push(push.ToPush(device));
            return new PushedMessage(
                caller.Owner,
                [.. verdicts.Select(verdict => verdict.ToVerdict())],
                push.Ref
            );
        }
        catch (Exception fault) when (PushTrace.Fail(span, fault))
        {
            throw;
        }
        finally
        {
            GatewayMeter.PushDuration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
    }

    /// <summary>Checks a filter of entity types; null stands for all of them.</summary>
    /// <param name="entities">Their names.</param>
    /// <param name="member">What the request calls them.</param>
    /// <returns>Each type once.</returns>
    /// <exception cref="SyncException"><c>unknown_entity</c></exception>
    public async Task<IReadOnlyList<string>?> RequireEntitiesAsync(
        IReadOnlyList<string>? entities,
        string member = "entities"
    )
    {
        if (entities is null)
            return null;
        var catalog = await catalogs.CurrentAsync();
        if (entities.Any(entity => catalog.Find(entity) is null))
            throw new SyncException(
                ErrorCode.UnknownEntity,
                "There is no entity type of that name",
                member
            );
        return [.. entities.Distinct()];
    }

    public async Task<VerifiedMessage> VerifyAsync(
        Caller caller,
        VerifyMessage verify,
        CancellationToken gone = default
    )
    {
        caller.RequireOwner(verify.Owner);
        var entities = await RequireEntitiesAsync(verify.Entities);
        using var turn = await TakeTurnAsync(caller, gone);
        var verified = await Grain(caller).Verify(entities!);
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
        int limit,
        CancellationToken gone
    )
    {
        using var turn = await TakeTurnAsync(caller, gone);
        return (await Grain(caller).ReadConflicts(before, limit)).ToConflicts();
    }

    public async Task<WireFound> SearchAsync(
        Caller caller,
        WordSearch search,
        CancellationToken gone
    )
    {
        var entities = await RequireEntitiesAsync(search.Entities, "types");
        using var turn = await TakeTurnAsync(caller, gone);
        return (await Grain(caller).Search(search with { Entities = entities })).ToFound();
    }

    public async Task<WireFound> SearchAsync(
        Caller caller,
        MeaningSearch search,
        CancellationToken gone
    )
    {
        var entities = await RequireEntitiesAsync(search.Entities, "types");
        using var turn = await TakeTurnAsync(caller, gone);
        return (await Grain(caller).SearchByMeaning(search with { Entities = entities })).ToFound();
    }

    public Task SupplyAsync(Caller caller, SuppliedEmbedding embedding) =>
        Grain(caller).SupplyEmbedding(embedding);

    /// <summary>For a question that reads many rows; null where nobody counts.</summary>
    /// <exception cref="SyncException"><c>overloaded</c></exception>
    private async Task<IDisposable?> TakeTurnAsync(Caller caller, CancellationToken gone) =>
        turns is null ? null : await turns.ReadAsync(caller.Owner, gone);

    public async Task<WireDevices> ReadDevicesAsync(Caller caller) =>
        new([.. (await Grain(caller).ReadDevices()).Select(row => row.ToDevice())]);

    public Task UpdateDeviceAsync(Caller caller, DeviceId device, DevicePatch patch) =>
        Grain(caller).UpdateDevice(device, patch.Name, patch.Priority);

    public Task RevokeDeviceAsync(Caller caller, DeviceId device) =>
        Grain(caller).RevokeDevice(device);

    private ISyncGrain Grain(Caller caller) => grains.GetGrain<ISyncGrain>(caller.Owner.Value);
}
