using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Orchestra.Gateway.Errors;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Authentication;

/// <summary>
/// Asks the framework's bearer handler who a token speaks for: the same handler for a header, a
/// <c>hello</c> and a <c>token</c> message. Every failure has the same answer.
/// </summary>
internal sealed class AccessTokens(IServiceScopeFactory scopes)
{
    /// <summary>The caller that the request's header names; null where there is no header.</summary>
    /// <exception cref="Sync.Errors.SyncException"><c>unauthenticated</c></exception>
    public static async Task<Caller?> FindCallerAsync(HttpContext context)
    {
        if (context.Request.Headers.Authorization.Count == 0)
            return null;
        return ToCaller(await context.AuthenticateAsync(JwtBearerDefaults.AuthenticationScheme));
    }

    /// <exception cref="Sync.Errors.SyncException"><c>unauthenticated</c></exception>
    public static async Task<Caller> RequireCallerAsync(HttpContext context) =>
        await FindCallerAsync(context) ?? throw Refusals.Unauthenticated();

    /// <summary>A token with a scope, whoever its subject is.</summary>
    /// <returns>When it expires.</returns>
    /// <exception cref="Sync.Errors.SyncException">
    /// <c>unauthenticated</c>, <c>forbidden</c>
    /// </exception>
    public static async Task<DateTimeOffset> RequireScopeAsync(HttpContext context, string scope)
    {
        var result = await context.AuthenticateAsync(JwtBearerDefaults.AuthenticationScheme);
        if (!result.Succeeded || result.Properties.ExpiresUtc is not { } expiresAt)
            throw Refusals.Unauthenticated();
        return Scopes.Has(result.Principal, scope) ? expiresAt : throw Refusals.Forbidden();
    }

    /// <summary>
    /// The caller that a request's header names, so that nothing of its token stays with the request:
    /// for requests that last.
    /// </summary>
    /// <exception cref="Sync.Errors.SyncException"><c>unauthenticated</c></exception>
    public async Task<Caller?> FindLastingCallerAsync(HttpRequest request) =>
        request.Headers.Authorization is { Count: > 0 } header ? await ReadAsync(header) : null;

    /// <summary>The caller that a token in a message names.</summary>
    /// <exception cref="Sync.Errors.SyncException"><c>unauthenticated</c></exception>
    public async Task<Caller> ReadAsync(string token)
    {
        // Header values hold printable ASCII only, and so do tokens.
        if (token.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw Refusals.Unauthenticated();
        return await ReadAsync(new StringValues($"Bearer {token}"));
    }

    private async Task<Caller> ReadAsync(StringValues header)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        context.Request.Headers.Authorization = header;
        return ToCaller(await context.AuthenticateAsync(JwtBearerDefaults.AuthenticationScheme));
    }

    private static Caller ToCaller(AuthenticateResult result)
    {
        var subject = result.Principal?.FindFirst("sub")?.Value;
        if (
            !result.Succeeded
            || result.Properties.ExpiresUtc is not { } expiresAt
            || !CanonicalUuid.TryParse(subject, out var id)
            || id == Guid.Empty
        )
            throw Refusals.Unauthenticated();
        return new Caller(new OwnerId(id), expiresAt);
    }
}
