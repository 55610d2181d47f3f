using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Orchestra.Gateway.Authentication;
using Orchestra.Gateway.Contents;
using Orchestra.Gateway.Http;
using Orchestra.Gateway.Sockets;
using Orchestra.Sync.Errors;

namespace Orchestra.Gateway;

public static class GatewayEndpoints
{
    /// <summary>Both doors, and on a developer's machine the one that hands out tokens.</summary>
    public static void MapSyncGateway(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        services.GetRequiredService<GatewayGauges>();
        endpoints.MapGet("/v1/sync", services.GetRequiredService<SocketDoor>().AcceptAsync);
        HttpDoor.Map(endpoints, services.GetRequiredService<HttpDoor>());
        ContentDoor.Map(endpoints, services.GetRequiredService<ContentDoor>());
        if (services.GetRequiredService<GatewayOptions>().IssuesTokens)
            endpoints.MapDevelopmentTokens();
    }

    /// <summary>What every request meets first: errors in our own words, and the origin check.</summary>
    public static void UseSyncGateway(this IApplicationBuilder app)
    {
        var errors = app.ApplicationServices.GetRequiredService<ErrorsToHttp>();
        var origins = app.ApplicationServices.GetRequiredService<OriginCheck>();
        app.UseWebSockets();
        app.Use(next => context => errors.RunAsync(context, next));
        app.Use(next =>
            context =>
            {
                origins.Require(context.Request);
                return next(context);
            }
        );
        app.UseCors(policy =>
            policy.SetIsOriginAllowed(origins.IsListed).AllowAnyHeader().AllowAnyMethod()
        );
        app.Use(next => context => RequireEndpoint(context, next));
    }

    private static Task RequireEndpoint(HttpContext context, RequestDelegate next) =>
        context.GetEndpoint() is not null
            ? next(context)
            : throw new SyncException(ErrorCode.NotFound, "There is nothing at that address");
}
