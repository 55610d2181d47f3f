using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orchestra.Database.Postgres;
using Orchestra.Database.Postgres.Maintenance;
using Orchestra.Database.Redis;
using Orchestra.Gateway;
using Orchestra.Gateway.Authentication;
using Orchestra.Gateway.Quotas;
using Orchestra.Grains;
using Orchestra.Grains.Owner;
using Orchestra.Grains.Store;
using Orchestra.Silo.Configuration;
using Orchestra.Silo.Events;
using Orchestra.Silo.Overview;
using Orchestra.Sync;
using Orchestra.Sync.Store;

namespace Orchestra.Silo.Hosting;

/// <summary>Puts the rooms together, by what the settings ask for.</summary>
internal static class SiloHost
{
    /// <summary>Settings files lie beside the program, wherever it is started.</summary>
    /// <exception cref="SettingException">Secrets are not where the settings say.</exception>
    public static WebApplicationBuilder NewBuilder()
    {
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory }
        );
        builder.Configuration.AddSecretFiles(SecretFiles.DirectoryOf(builder.Configuration));
        return builder;
    }

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
        var data = settings.NeedsDataDirectory
            ? DataDirectory.Claim(settings.Store.DataDirectory)
            : null;
        try
        {
            // By way of a factory, because the container closes only what it made.
            if (data is not null)
                builder.Services.AddSingleton(_ => data);
            builder.Services.AddSingleton(settings);
            builder.Services.TryAddSingleton(TimeProvider.System);
            builder.Services.Configure<HostOptions>(host =>
                host.ShutdownTimeout = settings.Shutdown
            );
            // First, because services stop in the opposite order: whoever calls grains ends before them.
            builder.AddCluster(settings);
            await builder.Services.AddRedisAsync(settings);
            builder.Services.AddContents(settings.Contents);
            if (settings.HasSync)
                await AddSyncAsync(builder.Services, settings, data, cancellation);
            if (settings.Gateway is not null || settings.Issuer is not null)
                builder.Services.AddAccessTokens(
                    settings.Issuer,
                    settings.Issuer is null ? data!.DevelopmentKeyFile : null
                );
            if (settings.Gateway is not null)
                builder.Services.AddSyncGateway(ToGatewayOptions(settings));
            builder.Services.AddTelemetry(settings);
            builder.Services.AddOverview();
            builder.Services.AddAdmin(settings);
            if (!settings.Cluster.IsClient)
                builder.Services.AddEventFeed();
            builder.AddListeners(settings);
            return Open(builder, settings);
        }
        catch
        {
            data?.Dispose();
            throw;
        }
    }

    private static async Task AddSyncAsync(
        IServiceCollection services,
        SiloSettings settings,
        DataDirectory? data,
        CancellationToken cancellation
    )
    {
        var store = await OpenStore.OpenAsync(
            settings.Store,
            data,
            TimeProvider.System,
            cancellation
        );
        services.AddSingleton(provider =>
            store.LogTo(provider.GetRequiredService<ILoggerFactory>())
        );
        services.AddSingleton(provider => provider.GetRequiredService<OpenStore>().Catalog);
        services.AddSingleton<ISyncStore>(provider =>
            provider.GetRequiredService<OpenStore>().Store
        );
        services.AddSyncGrains();
        services.AddStoreProbe();
        services.AddEventPublisher();
        if (settings.Contents.AreKept)
            services.AddContentCollector(new(settings.Contents.Grace));
        services.AddMeaning(settings.Embeddings, store.Meaning);
        services.AddSingleton(Options.Create(settings.Priorities));
        if (settings.Store.Postgres is not { } logins)
            return;
        services.Configure<CommitWriterOptions>(options => options.BatchesInFlight = 3);
        services.AddMaintenance(settings.Store.Retention);
        services.AddStoreMeasuring();
        services.AddSingleton<IStoreMeasures>(provider => new PostgresMeasures(
            provider.GetRequiredService<OpenStore>().Postgres!,
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton<IOwnerEpochs>(provider => new PostgresEpochs(
            logins.Maintenance,
            provider.GetRequiredService<TimeProvider>()
        ));
        services.AddSingleton<IStoreMaintenance>(provider => new PostgresMaintenance(
            logins.Maintenance,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()
        ));
    }

    private static GatewayOptions ToGatewayOptions(SiloSettings settings) =>
        new()
        {
            AllowedOrigins = settings.AllowedOrigins,
            Connections = settings.Connections,
            RequestRate = settings.RequestRate,
            ContentBytes = settings.Contents.MaxBytes,
            IssuesTokens = settings.Issuer is null,
        };

    private static void AddListeners(this WebApplicationBuilder builder, SiloSettings settings)
    {
        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = Listener.Bind);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // The gateway refuses what is larger than a frame. Up to this size the rest is still read,
            // or the sender would find the connection broken instead of the answer.
            kestrel.Limits.MaxRequestBodySize = 8 * Limits.FrameBytes;
            // WebSockets are counted by the gateway.
            kestrel.Limits.MaxConcurrentConnections = settings.Connections.Http;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.MinRequestBodyDataRate = new(1024, TimeSpan.FromSeconds(10));
            Listener.Admin.Open(kestrel, settings.Admin);
            if (settings.Gateway is { } gateway)
                Listener.Gateway.Open(kestrel, gateway, new HttpPlaces(settings.Connections));
        });
    }

    private static WebApplication Open(WebApplicationBuilder builder, SiloSettings settings)
    {
        var app = builder.Build();
        app.UseRouting();
        app.Use(next => context => Listener.HideOthers(context, next));
        // Made now, so that the container closes them, the store before its folder.
        app.Services.GetService<DataDirectory>();
        app.Services.GetService<OpenStore>();
        app.Services.GetService<RedisConnection>();
        if (settings.Gateway is not null)
        {
            app.UseWhen(Listener.Gateway.IsUsedBy, gateway => gateway.UseSyncGateway());
            Listener.Gateway.GroupOf(app).MapSyncGateway();
        }
        app.UseWhen(Listener.Admin.IsUsedBy, admin => admin.UseAdmin(settings));
        Listener.Admin.GroupOf(app).MapAdmin(settings);
        return app;
    }
}
