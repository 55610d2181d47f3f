using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Orchestra.Gateway.Authentication;
using Orchestra.Gateway.Contents;
using Orchestra.Gateway.Errors;
using Orchestra.Gateway.Feeds;
using Orchestra.Gateway.Http;
using Orchestra.Gateway.Quotas;
using Orchestra.Gateway.Requests;
using Orchestra.Gateway.Sockets;

namespace Orchestra.Gateway;

public static class GatewayServices
{
    /// <summary>
    /// What the gateway is made of. Needs access tokens, a grain factory and a time provider.
    /// </summary>
    public static IServiceCollection AddSyncGateway(
        this IServiceCollection services,
        GatewayOptions options
    )
    {
        services.AddSingleton(options);
        services.AddCors();
        // What the framework cannot read shall leave in our own words, not as an empty answer.
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddSingleton<OriginCheck>();
        services.AddSingleton<ErrorAnswers>();
        services.AddSingleton<ErrorsToHttp>();
        services.AddSingleton<CatalogView>();
        services.AddSingleton<IOutgoingGrainCallFilter, RetryLostCalls>();
        services.AddSingleton<FrameReader>();
        services.AddSingleton<OwnerTurns>();
        services.AddSingleton<OwnerRequests>();
        services.AddSingleton<RequestRates>();
        services.AddSingleton<OwnerFeeds>();
        services.AddSingleton<Admission>();
        services.AddSingleton<MessageRate>();
        services.AddSingleton<SocketServices>();
        services.AddSingleton<SocketDoor>();
        services.AddSingleton<HttpDoor>();
        services.AddSingleton<ContentDoor>();
        services.AddSingleton<GatewayGauges>();
        services.AddHostedSingleton<OpenSockets>();
        services.AddHostedSingleton<AckForwarder>();
        services.AddHostedSingleton<LeaseRenewal>();
        services.AddHostedSingleton<Heartbeat>();
        return services;
    }

    private static void AddHostedSingleton<T>(this IServiceCollection services)
        where T : class, Microsoft.Extensions.Hosting.IHostedService
    {
        services.AddSingleton<T>();
        services.AddHostedService(provider => provider.GetRequiredService<T>());
    }
}
