using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Orchestra.Client.Hosting;

/// <summary>The client as a part of an app that is built on a host.</summary>
public static class OrchestraServices
{
    /// <summary>
    /// Registers one <see cref="OrchestraClient"/> for the app, and a service that keeps it connected
    /// from the host's start to its end.
    /// </summary>
    /// <param name="services">Where.</param>
    /// <param name="options">
    /// Asked once, with the app's other services at hand: for the token, say.
    /// </param>
    public static IServiceCollection AddOrchestraClient(
        this IServiceCollection services,
        Func<IServiceProvider, ClientOptions> options
    )
    {
        services.TryAddSingleton(options);
        services.TryAddSingleton(provider =>
            OrchestraClient.Open(provider.GetRequiredService<ClientOptions>())
        );
        services.AddHostedService<SyncService>();
        return services;
    }
}
