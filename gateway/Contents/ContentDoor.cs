using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using Orchestra.Gateway.Authentication;
using Orchestra.Gateway.Http;
using Orchestra.Gateway.Quotas;
using Orchestra.Grains.Interfaces;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Contents;

/// <summary>
/// File contents, under their hash: what is being uploaded becomes a row of the owner only once it is
/// whole and verified, and only what has a row is handed out. See docs/contents.md.
/// </summary>
/// <param name="grains">Know the owner's rows.</param>
/// <param name="options">How large contents may be.</param>
/// <param name="rates">How much an owner may ask.</param>
/// <param name="turns">How many uploads at a time.</param>
/// <param name="log">Says what is missing.</param>
/// <param name="store">Where the bytes are; null = this server keeps none.</param>
internal sealed class ContentDoor(
    IGrainFactory grains,
    GatewayOptions options,
    RequestRates rates,
    OwnerTurns turns,
    ILogger<ContentDoor> log,
    IContentStore? store = null
)
{
    private const string Address = "/v1/contents/{sha256}";
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder endpoints, ContentDoor door)
    {
        endpoints.MapMethods(Address, Reading, door.ReadAsync);
        endpoints.MapPost(Address, door.BeginAsync);
        endpoints.MapPut(Address, door.ReceiveAsync);
    }

    /// <summary>How an upload begins, goes on, or ends where it went another way.</summary>
    private async Task BeginAsync(HttpContext context)
    {
        var (caller, contents) = await AdmitAsync(context);
        var hash = HashOf(context);
        var size = RequireSize(new QueryReader(context.Request.Query).RequireInteger("size"));
        // What went past the server may have to be read to be verified.
        using var turn = turns.Upload(caller.Owner);
        if (await Grain(caller).KeepContent(hash) is { } there)
        {
            await AnswerAsync(context, there);
            return;
        }
        var upload = new Upload(caller.Owner, hash, size);
        var state = await contents.FindUploadAsync(upload, context.RequestAborted);
        await AnswerAsync(context, upload, state);
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        var (caller, contents) = await AdmitAsync(context);
        var hash = HashOf(context);
        using var turn = turns.Upload(caller.Owner);
        if (await Grain(caller).KeepContent(hash) is { } there)
        {
            await AnswerAsync(context, there);
            return;
        }
        var (offset, size) = RangeOf(context.Request);
        var upload = new Upload(caller.Owner, hash, RequireSize(size));
        // The store takes no more than was said.
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize =
            null;
        var body = new SentBytes(context.Request.Body);
        var state = await contents.ReceiveAsync(upload, offset, body, context.RequestAborted);
        await AnswerAsync(context, upload, state);
    }

    private async Task ReadAsync(HttpContext context)
    {
        var (caller, contents) = await AdmitAsync(context);
        var hash = HashOf(context);
        var content = await Grain(caller).FindContent(hash) ?? throw NotThere();
        if (
            await contents.FindAsync(caller.Owner, content, context.RequestAborted) is not { } place
        )
        {
            log.ContentMissing(caller.Owner, hash);
            throw NotThere();
        }
        // Whatever they are, a browser shall not take them for a page of this server.
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.ContentDisposition = "attachment";
        context.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        var tag = new EntityTagHeaderValue($"\"{hash}\"");
        if (place.File is { } path)
            await Results
                .File(path, entityTag: tag, enableRangeProcessing: true)
                .ExecuteAsync(context);
        else if (HttpMethods.IsHead(context.Request.Method))
        {
            // An address is good for one method, and it is for GET.
            context.Response.Headers.ETag = tag.ToString();
            context.Response.ContentLength = content.Size;
        }
        else
        {
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Redirect($"{place.Url}", permanent: false, preserveMethod: true);
        }
    }

    private async Task AnswerAsync(HttpContext context, Upload upload, UploadState state)
    {
        if (state.Done is { } id)
        {
            var content = new Content(upload.Hash, upload.Size, id);
            var grain = grains.GetGrain<ISyncGrain>(upload.Owner.Value);
            await AnswerAsync(context, await grain.AddContent(content), isNew: true);
            return;
        }
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        var answer = new WireContent(
            upload.Hash.Hex,
            upload.Size,
            ContentState.Missing,
            state.Direct is null ? state.Offset : null,
            state.Direct?.Url.AbsoluteUri,
            state.Direct?.Headers
        );
        await Body.WriteAsync(context, WireCodec.Write(answer));
    }

    private static Task AnswerAsync(HttpContext context, Content content, bool isNew = false)
    {
        if (isNew)
            context.Response.StatusCode = StatusCodes.Status201Created;
        var answer = new WireContent(content.Hash.Hex, content.Size, ContentState.Present);
        return Body.WriteAsync(context, WireCodec.Write(answer));
    }

    private async Task<(Caller Caller, IContentStore Contents)> AdmitAsync(HttpContext context)
    {
        var caller = await AccessTokens.RequireCallerAsync(context);
        rates.Require(caller.Owner);
        return store is null
            ? throw new SyncException(ErrorCode.NotFound, "This server keeps no contents")
            : (caller, store);
    }

    private ISyncGrain Grain(Caller caller) => grains.GetGrain<ISyncGrain>(caller.Owner.Value);

    private long RequireSize(long size) =>
        size < 0 ? throw new SyncException(ErrorCode.InvalidValue, "A size is 0 or more", "size")
        : size <= options.ContentBytes ? size
        : throw new SyncException(
            ErrorCode.ValueTooLarge,
            $"Contents may have {options.ContentBytes} bytes",
            "size"
        );

    /// <summary>The part that a body is; all of it, where nothing is said.</summary>
    private static (long Offset, long Size) RangeOf(HttpRequest request)
    {
        var text = (string?)request.Headers.ContentRange;
        if (text is null)
            return (
                0,
                request.ContentLength
                    ?? throw new SyncException(
                        ErrorCode.Malformed,
                        "The length of the body must be said",
                        "content-length"
                    )
            );
        return
            ContentRangeHeaderValue.TryParse(text, out var range)
            && range is { Unit.Value: "bytes", From: { } from, Length: { } length }
            ? (from, length)
            : throw new SyncException(
                ErrorCode.Malformed,
                "A part is given as bytes FIRST-LAST/SIZE",
                "content-range"
            );
    }

    private static ContentHash HashOf(HttpContext context) =>
        ContentHash.TryParse((string?)context.Request.RouteValues["sha256"], out var hash)
            ? hash
            : throw new SyncException(
                ErrorCode.InvalidValue,
                "Contents are named by their SHA-256: 64 lower-case hex digits",
                "sha256"
            );

    private static SyncException NotThere() =>
        new(ErrorCode.NotFound, "There are no such contents");
}
