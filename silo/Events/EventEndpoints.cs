using Microsoft.AspNetCore.Http.HttpResults;
using Orchestra.Grains.Events;

namespace Orchestra.Silo.Events;

/// <summary>The events for people, as a page, and for programs, as server-sent events.</summary>
internal static class EventEndpoints
{
    private const string Policy =
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
        + "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static void AddEventFeed(this IServiceCollection services)
    {
        services.AddSingleton<EventStreams>();
        services.AddSingleton<EventFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<EventFeed>());
    }

    public static void MapEvents(this IEndpointRouteBuilder admin)
    {
        var services = admin.ServiceProvider;
        services
            .GetRequiredService<IHostApplicationLifetime>()
            .ApplicationStopping.Register(services.GetRequiredService<EventFeed>().EndAll);
        admin.MapGet("/events", ShowPage);
        admin.MapGet("/events/stream", Stream);
    }

    private static FileStreamHttpResult ShowPage(HttpContext context)
    {
        context.Response.Headers.ContentSecurityPolicy = Policy;
        var page = typeof(EventEndpoints).Assembly.GetManifestResourceStream("events.html")!;
        return TypedResults.Stream(page, "text/html; charset=utf-8");
    }

    private static IResult Stream(HttpContext context, EventFeed feed)
    {
        if (!EventFilter.TryRead(context.Request.Query, out var filter, out var complaint))
            return TypedResults.Text(complaint, statusCode: StatusCodes.Status400BadRequest);
        if (feed.TryJoin(filter) is not { } watcher)
            return TypedResults.Text(
                $"At most {EventFeed.MaxWatchers} watch a silo at a time, and none while it stops.",
                statusCode: StatusCodes.Status503ServiceUnavailable
            );
        context.Response.RegisterForDispose(watcher);
        return TypedResults.ServerSentEvents(watcher.ReadAsync());
    }
}
