using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orchestra.Gateway.Authentication;
using Orchestra.Silo.Configuration;
using Orchestra.Silo.Events;
using Orleans.Dashboard;

namespace Orchestra.Silo.Hosting;

/// <summary>What operators and orchestrators look at. Never reachable through the gateway.</summary>
internal static class AdminEndpoints
{
    public static void AddAdmin(this IServiceCollection services, SiloSettings settings)
    {
        services.AddHealthChecks().AddCheck<ReadinessCheck>("ready");
        if (settings.Issuer is not null)
            services.AddOperatorPolicy();
    }

    public static void UseAdmin(this IApplicationBuilder admin, SiloSettings settings)
    {
        if (settings.Issuer is not null)
            admin.UseAuthorization();
        else
            admin.Use(RequireLoopbackName);
        admin.Use(HideFaults);
    }

    /// <summary>
    /// Where nobody is asked who he is, a name that merely resolves to loopback could be a web page's
    /// way in.
    /// </summary>
    private static Task RequireLoopbackName(HttpContext context, RequestDelegate next)
    {
        if (DevelopmentDoor.IsLoopback(context.Request.Host.Host))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync("Ask by a loopback address");
    }

    /// <summary>The dashboard fails over names that it does not know, and would tell how.</summary>
    private static async Task HideFaults(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception fault)
            when (fault is not OperationCanceledException && !context.Response.HasStarted)
        {
            var log = context.RequestServices.GetRequiredService<ILogger<ReadinessCheck>>();
            AdminLog.Failed(log, context.Request.Path, fault.GetType().Name);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    public static void MapAdmin(this RouteGroupBuilder admin, SiloSettings settings)
    {
        admin.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        admin.MapHealthChecks(
            "/health/ready",
            new HealthCheckOptions { ResponseWriter = WriteAsync }
        );
        if (!settings.HasDashboard)
            return;
        // They show what every grain and every owner does.
        var operators = admin.MapGroup("");
        operators.MapOrleansDashboard("/dashboard");
        operators.MapEvents();
        if (settings.Issuer is not null)
            operators.RequireAuthorization(OperatorPolicy.Name);
    }

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

/// <summary>Ready = owners' data can be read through the cluster, and the silo is not leaving.</summary>
internal sealed class ReadinessCheck(IGrainFactory grains, IHostApplicationLifetime lifetime)
    : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return HealthCheckResult.Unhealthy("draining");
        await grains.GetGrain<Grains.Interfaces.IStoreReaderGrain>(0).ReadHeads([]);
        return HealthCheckResult.Healthy();
    }
}
