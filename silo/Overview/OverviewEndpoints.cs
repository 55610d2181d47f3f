using Microsoft.AspNetCore.Http.HttpResults;
using Orchestra.Grains.Interfaces;

namespace Orchestra.Silo.Overview;

/// <summary>
/// The operators' page and what it is made of: <c>/overview</c> for the cluster, <c>/overview/owners</c> for
/// one owner.
/// </summary>
internal static class OverviewEndpoints
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void AddOverview(this IServiceCollection services)
    {
        services.AddSingleton<ReportReader>();
        services.AddHostedService<Reporter>();
    }

    public static void MapOverview(this IEndpointRouteBuilder admin)
    {
        admin.MapGet("/", () => TypedResults.Redirect("overview"));
        admin.MapGet("/overview", context => Show(context, "overview.html", "text/html"));
        admin.MapGet(
            "/overview/overview.css",
            context => Show(context, "overview.css", "text/css")
        );
        foreach (var script in new[] { "overview.js", "plots.js", "owner.js" })
            admin.MapGet(
                $"/overview/{script}",
                context => Show(context, script, "text/javascript")
            );
        admin.MapGet("/overview/data", ReadAsync).AddEndpointFilter<FaultsToHttp>();
        admin.MapGroup("/overview/owners").MapOwners().AddEndpointFilter<FaultsToHttp>();
    }

    private static async Task<Ok<ClusterOverview>> ReadAsync(
        IGrainFactory grains,
        long after = 0
    ) => TypedResults.Ok(await grains.GetGrain<IOverviewGrain>(0).Read(after));

    private static Task Show(HttpContext context, string name, string type)
    {
        context.Response.Headers.ContentSecurityPolicy = Policy;
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        var file = typeof(OverviewEndpoints).Assembly.GetManifestResourceStream(name)!;
        return TypedResults.Stream(file, $"{type}; charset=utf-8").ExecuteAsync(context);
    }
}
