using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orchestra.Gateway;
using Orchestra.Grains;
using Orchestra.Grains.Owner;
using Orchestra.Silo.Configuration;
using Orchestra.Sync;
using Orchestra.Sync.Store;

namespace Orchestra.Silo.Hosting;

/// <summary>Puts the rooms together, by what the settings ask for.</summary>
internal static class SiloHost
{
    /// <summary>Settings files lie beside the program, wherever it is started.</summary>
    public static WebApplicationBuilder NewBuilder() =>
        WebApplication.CreateBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory }
        );

    /// <summary>Everything but the start. What was opened is closed with the application.</summary>
    /// <exception cref="SettingException">The settings do not allow a start.</exception>
    public static async Task<WebApplication> BuildAsync(
        WebApplicationBuilder builder,
        CancellationToken cancellation
    )
    {
        var settings = SiloSettings.Read(
            builder.Configuration,
            builder.Environment.IsDevelopment()
        );
        FreePorts.Require(settings);
        var data = DataDirectory.Claim(settings.DataDirectory);
        try
        {
            builder.Services.AddSingleton(settings);
            builder.Services.TryAddSingleton(TimeProvider.System);
            if (settings.HasSync)
                await AddSyncAsync(builder.Services, settings, data, cancellation);
            if (settings.Gateway is not null)
                builder.Services.AddSyncGateway(ToGatewayOptions(settings, data));
            builder.Services.AddAdmin();
            builder.AddCluster(settings);
            builder.AddListeners(settings);
            return Open(builder, settings);
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    private static async Task AddSyncAsync(
        IServiceCollection services,
        SiloSettings settings,
        DataDirectory data,
        CancellationToken cancellation
    )
    {
        var store = await EmbeddedStore.OpenAsync(data, TimeProvider.System, cancellation);
        // By way of a factory, because the container closes only what it made.
        services.AddSingleton(_ => store);
        services.AddSingleton(provider => provider.GetRequiredService<EmbeddedStore>().Catalog);
        services.AddSingleton<ISyncStore>(provider =>
            provider.GetRequiredService<EmbeddedStore>().Store
        );
        services.AddSyncGrains();
        services.AddSingleton(Options.Create(settings.Priorities));
    }

    private static GatewayOptions ToGatewayOptions(SiloSettings settings, DataDirectory data) =>
        new()
        {
            AllowedOrigins = settings.AllowedOrigins,
            Issuer = settings.Issuer,
            DevelopmentKeyFile = settings.Issuer is null ? data.DevelopmentKeyFile : null,
        };

    private static void AddListeners(this WebApplicationBuilder builder, SiloSettings settings) =>
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // The gateway refuses what is larger than a frame. Up to this size the rest is still read,
            // or the sender would find the connection broken instead of the answer.
            kestrel.Limits.MaxRequestBodySize = 8 * Limits.FrameBytes;
            Listener.Admin.Open(kestrel, settings.Admin);
            if (settings.Gateway is { } gateway)
                Listener.Gateway.Open(kestrel, gateway);
        });

    private static WebApplication Open(WebApplicationBuilder builder, SiloSettings settings)
    {
        var app = builder.Build();
        app.UseRouting();
        app.Use(next => context => Listener.HideOthers(context, next));
        if (settings.HasSync)
            app.Services.GetRequiredService<EmbeddedStore>();
        if (settings.Gateway is not null)
        {
            app.UseWhen(Listener.Gateway.IsUsedBy, gateway => gateway.UseSyncGateway());
            Listener.Gateway.GroupOf(app).MapSyncGateway();
        }
        Listener.Admin.GroupOf(app).MapAdmin(settings);
        return app;
    }
}
