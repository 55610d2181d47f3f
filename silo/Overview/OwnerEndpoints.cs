using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.Sync.Store;

namespace Orchestra.Silo.Overview;

/// <summary>One owner for operators: how he stands, and what can be done for him.</summary>
internal static class OwnerEndpoints
{
    private const int LogEntries = 50;
    private const int Conflicts = 50;
    private const int LogBytes = 1024 * 1024;

    /// <summary>An owner that writes all the time is not verified at one version.</summary>
    private const int VerifyAttempts = 3;

    public static RouteGroupBuilder MapOwners(this RouteGroupBuilder owners)
    {
        owners.MapGet("/{owner:guid}", ReadAsync);
        owners.MapPost("/{owner:guid}/verify", VerifyAsync);
        owners.MapPost("/{owner:guid}/reset", ResetAsync);
        owners.MapPost("/{owner:guid}/devices/{device:guid}/revoke", RevokeAsync);
        return owners;
    }

    private static async Task<IResult> ReadAsync(Guid owner, IGrainFactory grains)
    {
        // From the database: a grain would make an owner of every id that somebody mistypes.
        var view = await grains.GetGrain<IStoreReaderGrain>(0).ReadOwner(new(owner));
        if (view is null)
            return NoSuchOwner();
        var head = view.Record.Head;
        var grain = grains.GetGrain<ISyncGrain>(owner);
        // Before these a reader is told to start anew, which would count as a device that was.
        var horizon = Math.Max(head.LogHorizon, head.TombstoneHorizon);
        var since = Math.Max(horizon, head.Version - LogEntries);
        var log = await grain.Read(
            new(
                new(owner),
                new Cursor(head.Epoch, since, null, null),
                LogEntries,
                LogBytes,
                Entities: null
            )
        );
        var conflicts = await grain.ReadConflicts(null, Conflicts);
        return TypedResults.Ok(OwnerReport.Of(view, log.Page, conflicts));
    }

    private static async Task<IResult> VerifyAsync(
        Guid owner,
        Asking asking,
        ClaimsPrincipal user,
        IGrainFactory grains,
        ILogger<Reporter> logger
    )
    {
        if (asking.Complaint is { } complaint)
            return TypedResults.BadRequest(complaint);
        OverviewLog.Asked(logger, NameOf(user), "verify", new(owner), null, asking.Reason);
        var reader = grains.GetGrain<IStoreReaderGrain>(0);
        var types = (await reader.ReadCatalog()).Types.Select(type => type.Name).ToArray();
        for (var attempt = 0; attempt < VerifyAttempts; attempt++)
        {
            var heads = await reader.ReadHeads([new(owner)]);
            if (!heads.TryGetValue(new(owner), out var head))
                return NoSuchOwner();
            var found = await grains.GetGrain<ISyncGrain>(owner).Verify(types);
            if (found.At == head.Version)
                return TypedResults.Ok(
                    new Verdict(found.Digest == head.Digest && found.Rows == head.Rows, found.At)
                );
        }
        return TypedResults.Text(
            "The owner writes all the time; try again.",
            statusCode: StatusCodes.Status503ServiceUnavailable
        );
    }

    private static Task<IResult> ResetAsync(
        Guid owner,
        Asking asking,
        ClaimsPrincipal user,
        IGrainFactory grains,
        ILogger<Reporter> logger
    ) => DoAsync("reset", owner, null, asking, user, grains, logger, grain => grain.BeginEpoch());

    private static Task<IResult> RevokeAsync(
        Guid owner,
        Guid device,
        Asking asking,
        ClaimsPrincipal user,
        IGrainFactory grains,
        ILogger<Reporter> logger
    ) =>
        DoAsync(
            "revoke",
            owner,
            new DeviceId(device),
            asking,
            user,
            grains,
            logger,
            grain => grain.RevokeDevice(new(device))
        );

    private static async Task<IResult> DoAsync(
        string action,
        Guid owner,
        DeviceId? device,
        Asking asking,
        ClaimsPrincipal user,
        IGrainFactory grains,
        ILogger logger,
        Func<ISyncGrain, Task> work
    )
    {
        if (asking.Complaint is { } complaint)
            return TypedResults.BadRequest(complaint);
        if ((await grains.GetGrain<IStoreReaderGrain>(0).ReadHeads([new(owner)])).Count == 0)
            return NoSuchOwner();
        OverviewLog.Asked(logger, NameOf(user), action, new(owner), device, asking.Reason);
        await work(grains.GetGrain<ISyncGrain>(owner));
        return TypedResults.NoContent();
    }

    private static ContentHttpResult NoSuchOwner() =>
        TypedResults.Text("There is no such owner.", statusCode: StatusCodes.Status404NotFound);

    /// <summary>Where nobody is asked who he is, it is somebody at this machine.</summary>
    private static string NameOf(ClaimsPrincipal user) =>
        user.FindFirstValue("sub") ?? "at this machine";
}

/// <param name="IsWell">Whether his rows are those that his head counts.</param>
/// <param name="At">The version at which they were counted.</param>
internal sealed record Verdict(bool IsWell, long At);

/// <summary>
/// The body of everything that does something. It must be JSON, which a foreign page cannot send without
/// being asked where it comes from.
/// </summary>
/// <param name="Reason">Why, for the log: 1 to 200 characters on one line.</param>
internal sealed record Asking(string Reason)
{
    private const int MostCharacters = 200;

    /// <summary>Null if nothing is wrong with it.</summary>
    public string? Complaint =>
        string.IsNullOrWhiteSpace(Reason)
        || Reason.Length > MostCharacters
        || Reason.Any(char.IsControl)
            ? $"A reason of 1 to {MostCharacters} characters on one line is needed."
            : null;
}
