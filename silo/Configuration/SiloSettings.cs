using System.Text;
using Orchestra.Database.Redis;
using Orchestra.Gateway;
using Orchestra.Grains.Owner;
using Orchestra.Silo.Hosting;
using Orchestra.Sync.Relay;

namespace Orchestra.Silo.Configuration;

/// <summary>The options, checked and in the types that the silo works with.</summary>
/// <param name="Gateway">Where clients connect; null without the role.</param>
/// <param name="Admin">Where operators look.</param>
/// <param name="Store">Where owners' data is.</param>
/// <param name="HasSync">Whether owners' grains and the store are here.</param>
/// <param name="AllowedOrigins">Browser origins besides the gateway's own.</param>
/// <param name="Issuer">Who issues tokens; null = nobody, or the development key.</param>
/// <param name="HasDashboard">Whether operators are shown what happens.</param>
/// <param name="Cluster">How the process belongs to the Orleans cluster.</param>
/// <param name="Connections">How many WebSockets there may be.</param>
/// <param name="Priorities">Of new devices, by kind.</param>
/// <param name="RequestRate">Of an owner; null = any.</param>
/// <param name="Redis">A connection string; null = there is none.</param>
/// <param name="Contents">Where the contents of files are.</param>
/// <param name="Shutdown">How long an orderly end may take; then the process ends anyway.</param>
/// <param name="Telemetry">What is measured and traced.</param>
/// <param name="Embeddings">The model of searches by meaning; null = there is none.</param>
internal sealed record SiloSettings(
    ListenAddress? Gateway,
    ListenAddress Admin,
    StoreSettings Store,
    bool HasSync,
    IReadOnlyList<string> AllowedOrigins,
    TokenIssuer? Issuer,
    bool HasDashboard,
    ClusterSettings Cluster,
    ConnectionLimits Connections,
    DevicePriorities Priorities,
    RequestRate? RequestRate,
    string? Redis,
    ContentSettings Contents,
    TimeSpan Shutdown,
    TelemetrySettings Telemetry,
    EmbeddingSettings? Embeddings
)
{
    private const int MostRequests = 1_000_000;
    private const int MostSeconds = 3_600;

    /// <exception cref="SettingException">The first thing that is wrong.</exception>
    public static SiloSettings Read(IConfiguration configuration, bool isDevelopment)
    {
        KnownKeys.Require(configuration);
        var options = new OrchestraOptions();
        configuration.GetSection(KnownKeys.Root).Bind(options);
        var roles = Configuration.Roles.Parse(options.Roles);
        var store = StoreSettings.Of(options);
        var cluster = ClusterSettings.Of(options, roles, store);
        var admin = ListenAddress.Parse("Orchestra:Admin:Url", options.Admin.Url);
        var issuer = ReadIssuer(options, isDevelopment, roles);
        var redis = ReadRedis(options);
        var contents = ContentSettings.Of(options);
        // Where there are no tokens nobody is asked who he is.
        var hasOperators = issuer is not null || (isDevelopment && admin.IsLoopback);
        var embeddings = roles.Sync ? EmbeddingSettings.Of(options) : null;
        if (!isDevelopment)
            Encryption.Require(store, cluster, redis, contents.Bucket, embeddings?.Endpoint.Url);
        return new SiloSettings(
            roles.Gateway
                ? ListenAddress.Parse("Orchestra:Gateway:Url", options.Gateway.Url)
                : null,
            admin,
            store,
            roles.Sync,
            [.. options.Gateway.AllowedOrigins.Select(ReadOrigin)],
            issuer,
            // Only a silo has one.
            !cluster.IsClient && hasOperators,
            cluster,
            ReadConnections(options.Gateway),
            Require(options.DevicePriorities),
            ReadRate(options.Gateway),
            redis,
            contents,
            ReadShutdown(options.ShutdownSeconds),
            TelemetrySettings.Of(options, configuration, hasOperators),
            embeddings
        );
    }

    /// <summary>What the process does in the cluster, in words.</summary>
    public string Roles =>
        (HasSync, Gateway) switch
        {
            (true, null) => "sync",
            (false, _) => "gateway",
            _ => "sync, gateway",
        };

    /// <summary>Whether something of this silo stays in a folder: the data, or a key of its own.</summary>
    public bool NeedsDataDirectory =>
        (HasSync && Store.Postgres is null) || (Gateway is not null && Issuer is null);

    /// <summary>An origin in a browser's spelling; extensions have schemes of their own.</summary>
    private static string ReadOrigin(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && uri.Authority.Length > 0
        && uri.PathAndQuery is "/" or ""
            ? uri.GetLeftPart(UriPartial.Authority)
            : throw new SettingException(
                $"Orchestra:Gateway:AllowedOrigins has '{origin}', which is not of the form "
                    + "https://app.example."
            );

    private static TokenIssuer? ReadIssuer(
        OrchestraOptions options,
        bool isDevelopment,
        Roles roles
    )
    {
        var jwt = options.Jwt;
        if (string.IsNullOrEmpty(jwt.Authority))
            return !roles.Gateway ? null
                : isDevelopment ? RequireLoopback(options.Gateway.Url)
                : throw new SettingException(
                    "Orchestra:Jwt:Authority is missing: name the identity provider that issues "
                        + "access tokens, or set DOTNET_ENVIRONMENT=Development to try things out."
                );
        if (
            !Uri.TryCreate(jwt.Authority, UriKind.Absolute, out var authority) || !IsSafe(authority)
        )
            throw new SettingException(
                $"Orchestra:Jwt:Authority is '{jwt.Authority}', which is not an https URL."
            );
        if (string.IsNullOrEmpty(jwt.Audience))
            throw new SettingException(
                "Orchestra:Jwt:Audience is missing: tokens made for other services would be taken."
            );
        return new TokenIssuer(authority, jwt.Audience, jwt.Issuer);
    }

    private static bool IsSafe(Uri authority) =>
        authority.Scheme == Uri.UriSchemeHttps
        || (authority.Scheme == Uri.UriSchemeHttp && authority.IsLoopback);

    /// <summary>Whoever reaches a development gateway can be anybody.</summary>
    private static TokenIssuer? RequireLoopback(string url) =>
        ListenAddress.Parse("Orchestra:Gateway:Url", url).IsLoopback
            ? null
            : throw new SettingException(
                $"Orchestra:Gateway:Url is {url}, but a server in Development hands out tokens to "
                    + "anybody and so listens on 127.0.0.1 only; set Orchestra:Jwt:Authority."
            );

    private static ConnectionLimits ReadConnections(GatewaySection gateway)
    {
        var (sockets, http) = OpenFiles.Fit(
            AtLeast(1, nameof(gateway.MaxConnections), gateway.MaxConnections),
            AtLeast(1, nameof(gateway.MaxHttpConnections), gateway.MaxHttpConnections)
        );
        return new(
            sockets,
            http,
            AtLeast(0, nameof(gateway.MaxConnectionsPerAddress), gateway.MaxConnectionsPerAddress),
            AtLeast(0, nameof(gateway.MaxConnectionsPerUser), gateway.MaxConnectionsPerUser),
            AtLeast(1, nameof(gateway.MaxStrangers), gateway.MaxStrangers),
            TimeSpan.FromSeconds(
                AtLeast(1, nameof(gateway.SlowConsumerSeconds), gateway.SlowConsumerSeconds)
            ),
            ReadMessageRate(gateway.MessagesPerSecond)
        );
    }

    private static int ReadMessageRate(int perSecond) =>
        perSecond is >= 0 and <= MostRequests
            ? perSecond
            : throw new SettingException(
                $"Orchestra:Gateway:MessagesPerSecond is {perSecond}, which is not 0 to "
                    + $"{MostRequests}."
            );

    private static TimeSpan ReadShutdown(int seconds) =>
        seconds is >= 1 and <= MostSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new SettingException(
                $"Orchestra:ShutdownSeconds is {seconds}, which is not 1 to {MostSeconds}."
            );

    private static int AtLeast(int least, string name, int value) =>
        value >= least
            ? value
            : throw new SettingException(
                $"Orchestra:Gateway:{name} is {value}, which is not {least} or more."
            );

    private static RequestRate? ReadRate(GatewaySection gateway)
    {
        const string Key = "Orchestra:Gateway";
        if (gateway.RequestsPerSecond is < 0 or > MostRequests)
            throw new SettingException(
                $"{Key}:RequestsPerSecond is {gateway.RequestsPerSecond}, which is not 0 to "
                    + $"{MostRequests}."
            );
        if (gateway.RequestBurst is < 1 or > MostRequests)
            throw new SettingException(
                $"{Key}:RequestBurst is {gateway.RequestBurst}, which is not 1 to {MostRequests}."
            );
        return gateway.RequestsPerSecond == 0
            ? null
            : new RequestRate(gateway.RequestsPerSecond, gateway.RequestBurst);
    }

    /// <summary>It may hold a password, so it is not shown.</summary>
    private static string? ReadRedis(OrchestraOptions options)
    {
        if (options.Redis.ConnectionString is not { } text)
            return null;
        if (RedisOptions.FindFault(text) is { } fault)
            throw new SettingException($"Orchestra:Redis:ConnectionString {fault}.");
        if (Encoding.UTF8.GetByteCount(options.Cluster.Id) > RedisRelay.MostOriginBytes)
            throw new SettingException(
                $"Orchestra:Cluster:Id has more than {RedisRelay.MostOriginBytes} bytes, too many to "
                    + "be told to other clusters."
            );
        return text;
    }

    private static DevicePriorities Require(DevicePriorities priorities)
    {
        foreach (var property in typeof(DevicePriorities).GetProperties())
            if (property.GetValue(priorities) is int value and (< 0 or > DevicePriorities.Highest))
                throw new SettingException(
                    $"Orchestra:DevicePriorities:{property.Name} is {value}, which is not 0 to "
                        + $"{DevicePriorities.Highest}."
                );
        return priorities;
    }
}
