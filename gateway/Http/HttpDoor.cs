using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestra.Gateway.Authentication;
using Orchestra.Gateway.Errors;
using Orchestra.Gateway.Quotas;
using Orchestra.Gateway.Requests;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Search;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Http;

/// <summary>The same requests as over a WebSocket, for clients that only wake up briefly.</summary>
internal sealed class HttpDoor(
    OwnerRequests requests,
    FrameReader frames,
    CatalogView catalogs,
    RequestRates rates,
    OwnerTurns turns,
    TimeProvider time
)
{
    public static void Map(IEndpointRouteBuilder endpoints, HttpDoor door)
    {
        endpoints.MapPost("/v1/hello", door.HelloAsync);
        endpoints.MapPost("/v1/push", door.PushAsync);
        endpoints.MapPost("/v1/verify", door.VerifyAsync);
        endpoints.MapGet("/v1/changes", door.ReadChangesAsync);
        endpoints.MapGet("/v1/catalog", door.ReadCatalogAsync);
        endpoints.MapGet("/v1/conflicts", door.ReadConflictsAsync);
        endpoints.MapGet("/v1/search", door.SearchAsync);
        endpoints.MapPost("/v1/search", door.SearchByVectorAsync);
        endpoints.MapPut("/v1/embeddings/{entity}/{id}", door.SupplyEmbeddingAsync);
        endpoints.MapGet("/v1/devices", door.ReadDevicesAsync);
        endpoints.MapPatch("/v1/devices/{id}", door.UpdateDeviceAsync);
        endpoints.MapDelete("/v1/devices/{id}", door.RevokeDeviceAsync);
        endpoints.MapPost("/v1/owners/{owner}/hello", door.HelloForOwnerAsync);
        endpoints.MapPost("/v1/owners/{owner}/changes", door.PushForOwnerAsync);
    }

    private async Task HelloAsync(HttpContext context)
    {
        var caller = await AdmitAsync(context);
        await HelloAsync(context, caller, await ReadAsync<HelloMessage>(context, caller, "hello"));
    }

    /// <summary>A trusted backend's, for any owner.</summary>
    private async Task HelloForOwnerAsync(HttpContext context)
    {
        var caller = await AdmitBackendAsync(context);
        var hello = await ReadAsync<HelloMessage>(context, caller, "hello");
        RequireServer(hello.Device);
        await HelloAsync(context, caller, hello);
    }

    private async Task HelloAsync(HttpContext context, Caller caller, HelloMessage hello)
    {
        Greeting.RequireProtocol(hello);
        await requests.RequireEntitiesAsync(hello.Entities);
        var known = await requests.OpenAsync(caller, hello.Device);
        var catalog = await catalogs.CurrentAsync(known.CatalogHash);
        await Body.WriteAsync(context, Greeting.Welcome(caller, hello, known, catalog, time));
    }

    private async Task VerifyAsync(HttpContext context)
    {
        var caller = await AdmitAsync(context);
        var verify = await ReadAsync<VerifyMessage>(context, caller, "verify");
        var verified = await requests.VerifyAsync(caller, verify, context.RequestAborted);
        await Body.WriteAsync(context, verified);
    }

    private async Task PushAsync(HttpContext context)
    {
        var caller = await AdmitAsync(context);
        await PushAsync(context, caller, await ReadAsync<PushMessage>(context, caller, "push"));
    }

    /// <summary>A trusted backend's, for any owner.</summary>
    private async Task PushForOwnerAsync(HttpContext context)
    {
        var caller = await AdmitBackendAsync(context);
        var push = await ReadAsync<PushMessage>(context, caller, "push");
        RequireServer(RequireDevice(push));
        await PushAsync(context, caller, push);
    }

    private async Task PushAsync(HttpContext context, Caller caller, PushMessage push)
    {
        var device = RequireDevice(push);
        caller.RequireOwner(push.Owner);
        await requests.OpenAsync(caller, device);
        await Body.WriteAsync(context, await requests.PushAsync(caller, device.Id, push));
    }

    private async Task ReadChangesAsync(HttpContext context)
    {
        var caller = await AdmitAsync(context);
        var query = new QueryReader(context.Request.Query);
        var owner = new OwnerId(query.RequireUuid("owner"));
        caller.RequireOwner(owner);
        var cursor = ToDomain.ToCursor(
            query.RequireInteger("epoch"),
            query.RequireInteger("since"),
            query.FindUuid("mark") is { } mark ? new ChangeId(mark) : null,
            query.FindInteger("floor"),
            "since"
        );
        var limit = query.FindCount("limit", Limits.PageEntries) ?? Limits.PageEntries;
        var entities = await requests.RequireEntitiesAsync(query.FindNames("entities"));
        var answer = await frames.ReadAsync(
            new FrameRequest(owner, cursor, entities, null, limit),
            context.RequestAborted
        );
        if (answer.Frame is { } frame)
            await Body.WriteAsync(context, frame.Bytes);
        else
            await Body.WriteAsync(context, answer.Reset!.ToMessage(owner));
    }

    private async Task ReadCatalogAsync(HttpContext context)
    {
        await AdmitAsync(context);
        var catalog = await catalogs.ReloadAsync();
        await Body.WriteAsync(context, WireCodec.Write(WireCatalog.From(catalog)));
    }

    private async Task ReadConflictsAsync(HttpContext context)
    {
        var caller = await AdmitAsync(context);
        var query = new QueryReader(context.Request.Query);
        var limit = query.FindCount("limit", OwnerRequests.ConflictsPerPage);
        var conflicts = await requests.ReadConflictsAsync(
            caller,
            query.FindPosition("before"),
            limit ?? OwnerRequests.ConflictsPerPage,
            context.RequestAborted
        );
        await Body.WriteAsync(context, WireCodec.Write(conflicts));
    }

    private async Task SearchAsync(HttpContext context)
    {
        var caller = await AdmitAsync(context);
        var query = new QueryReader(context.Request.Query);
        var mode = query.FindMode("mode");
        var words = query.RequireText("q", WordQuery.MaxLength);
        var types = query.FindNames("types");
        var after = query.FindSearchPosition("cursor");
        var limit = query.FindCount("limit", OwnerRequests.HitsPerPage) ?? OwnerRequests.UsualHits;
        if (mode != SearchMode.Words && after is not null)
            throw new SyncException(
                ErrorCode.Malformed,
                "A search by meaning has one page",
                "cursor"
            );
        var found =
            mode == SearchMode.Words
                ? await requests.SearchAsync(
                    caller,
                    new WordSearch(words, types, after, limit),
                    context.RequestAborted
                )
                : await requests.SearchAsync(
                    caller,
                    new MeaningSearch(words, null, null, mode == SearchMode.Hybrid, types, limit),
                    context.RequestAborted
                );
        await Body.WriteAsync(context, WireCodec.Write(found));
    }

    private async Task SearchByVectorAsync(HttpContext context)
    {
        var caller = await AdmitAsync(context);
        var body = WireCodec.ReadVectorSearch((await ReadBodyAsync(context, caller)).Span);
        var found = await requests.SearchAsync(caller, body.ToSearch(), context.RequestAborted);
        await Body.WriteAsync(context, WireCodec.Write(found));
    }

    private async Task SupplyEmbeddingAsync(HttpContext context)
    {
        var caller = await AdmitAsync(context);
        var body = WireCodec.ReadEmbedding((await ReadBodyAsync(context, caller)).Span);
        var entity = (string)context.Request.RouteValues["entity"]!;
        if (!CanonicalUuid.TryParse((string?)context.Request.RouteValues["id"], out var id))
            throw new SyncException(ErrorCode.NotFound, "There is no such row");
        await requests.SupplyAsync(caller, body.ToSupplied(new RowKey(entity, id)));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task ReadDevicesAsync(HttpContext context)
    {
        var caller = await AdmitAsync(context);
        var devices = await requests.ReadDevicesAsync(caller);
        await Body.WriteAsync(context, WireCodec.Write(devices));
    }

    private async Task UpdateDeviceAsync(HttpContext context)
    {
        var caller = await AdmitAsync(context);
        var body = await ReadBodyAsync(context, caller);
        var patch = WireCodec.ReadDevicePatch(body.Span);
        await requests.UpdateDeviceAsync(caller, DeviceOf(context), patch);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task RevokeDeviceAsync(HttpContext context)
    {
        var caller = await AdmitAsync(context);
        await requests.RevokeDeviceAsync(caller, DeviceOf(context));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task<Caller> AdmitAsync(HttpContext context)
    {
        var caller = await AccessTokens.RequireCallerAsync(context);
        rates.Require(caller.Owner);
        return caller;
    }

    /// <summary>One that may write for any owner, as the one that the address names.</summary>
    private async Task<Caller> AdmitBackendAsync(HttpContext context)
    {
        var expiresAt = await AccessTokens.RequireScopeAsync(context, Scopes.Write);
        if (
            !CanonicalUuid.TryParse((string?)context.Request.RouteValues["owner"], out var owner)
            || owner == Guid.Empty
        )
            throw Refusals.NoSuchOwner();
        rates.Require(new OwnerId(owner));
        return new Caller(new OwnerId(owner), expiresAt);
    }

    private static WireDevice RequireDevice(PushMessage push) =>
        push.Device
        ?? throw new SyncException(
            ErrorCode.Malformed,
            "Over HTTP a push names its device",
            "device"
        );

    private static void RequireServer(WireDevice device)
    {
        if (device.Kind != DeviceKind.Server)
            throw new SyncException(
                ErrorCode.InvalidValue,
                "A backend is a device of the kind server",
                "device.kind"
            );
    }

    private async Task<T> ReadAsync<T>(HttpContext context, Caller caller, string name)
        where T : ClientMessage
    {
        var body = await ReadBodyAsync(context, caller);
        return WireCodec.ReadClientMessage(body.Span) as T
            ?? throw new SyncException(ErrorCode.Malformed, $"The body is a {name} message", "t");
    }

    /// <summary>
    /// It may come slowly, and stays in memory until the request ends: an owner has few at a time. What
    /// has no body, as the revocation of a device that sends such, is not held up by them.
    /// </summary>
    private Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContext context, Caller caller)
    {
        context.Response.RegisterForDispose(turns.Enter(caller.Owner));
        return Body.ReadAsync(context.Request);
    }

    /// <summary>What is no id at all names no device either.</summary>
    private static DeviceId DeviceOf(HttpContext context) =>
        CanonicalUuid.TryParse((string?)context.Request.RouteValues["id"], out var id)
            ? new DeviceId(id)
            : throw Refusals.NoSuchDevice();
}
