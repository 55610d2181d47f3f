using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orchestra.Gateway.Authentication;
using Orchestra.Silo.Configuration;
using Orchestra.Silo.Events;
using Orchestra.Silo.Overview;
using Orleans.Dashboard;

namespace Orchestra.Silo.Hosting;

/// <summary>What operators and orchestrators look at. Never reachable through the gateway.</summary>
internal static class AdminEndpoints
{
    /// <summary>Marks what must be well before a process has started.</summary>
    private const string Startup = "startup";

    private const string Metrics = "/metrics";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static void AddAdmin(this IServiceCollection services, SiloSettings settings)
    {
        services
            .AddHealthChecks()
            .AddCheck<ServingCheck>("serving", tags: [Startup])
            .AddCheck<ClusterCheck>("cluster", tags: [Startup], timeout: Patience);
        if (settings.HasSync)
            services.AddHealthChecks().AddCheck<StoreCheck>("store");
        if (settings.Issuer is not null)
            services.AddOperatorPolicy();
    }

    public static void UseAdmin(this IApplicationBuilder admin, SiloSettings settings)
    {
        if (settings.Issuer is not null)
            admin.UseAuthorization();
        else if (settings.HasDashboard || settings.Telemetry.Scrapers == Scrapers.Operators)
            admin.Use(RequireLoopbackName);
        admin.Use(HideFaults);
    }

    /// <summary>
    /// Where nobody is asked who he is, a name that merely resolves to loopback could be a web page's
    /// way in.
    /// </summary>
    private static Task RequireLoopbackName(HttpContext context, RequestDelegate next)
    {
        if (
            DevelopmentDoor.IsLoopback(context.Request.Host.Host)
            || context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null
        )
            return next(context);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync("Ask by a loopback address");
    }

    /// <summary>
    /// The dashboard fails over names that it does not know, and would tell how; and where the environment
    /// is Development, so does what cannot be read.
    /// </summary>
    private static async Task HideFaults(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException fault) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = fault.StatusCode;
        }
        catch (Exception fault)
            when (fault is not OperationCanceledException && !context.Response.HasStarted)
        {
            var log = context.RequestServices.GetRequiredService<ILogger<ClusterCheck>>();
            AdminLog.Failed(log, context.Request.Path, fault.GetType().Name);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    public static void MapAdmin(this RouteGroupBuilder admin, SiloSettings settings)
    {
        MapHealth(admin, "live", _ => false);
        MapHealth(admin, "startup", check => check.Tags.Contains(Startup));
        MapHealth(admin, "ready", _ => true);
        if (settings.Telemetry.Scrapers == Scrapers.Anybody)
            admin.MapPrometheusScrapingEndpoint(Metrics).AllowAnonymous();
        var operators = admin.MapGroup("");
        if (settings.Issuer is not null)
            operators.RequireAuthorization(OperatorPolicy.Name);
        if (settings.Telemetry.Scrapers == Scrapers.Operators)
            operators.MapPrometheusScrapingEndpoint(Metrics);
        if (!settings.HasDashboard)
            return;
        // They show what every grain and every owner does.
        operators.MapOrleansDashboard("/dashboard");
        operators.MapEvents();
        operators.MapOverview();
    }

    private static void MapHealth(
        RouteGroupBuilder group,
        string what,
        Func<HealthCheckRegistration, bool> which
    ) =>
        group.MapHealthChecks(
            $"/health/{what}",
            new HealthCheckOptions { Predicate = which, ResponseWriter = WriteAsync }
        );

    /// <summary>The state in a word and, unless all is well, what is wrong in a line each.</summary>
    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(
            string.Join(
                '\n',
                report
                    .Entries.Values.Where(entry => entry.Status != HealthStatus.Healthy)
                    .Select(entry => entry.Description)
                    .Prepend($"{report.Status}")
                    .OfType<string>()
            )
        );
    }
}
