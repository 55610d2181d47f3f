using Orchestra.Grains.Owner;
using Orchestra.Sync.Store;

namespace Orchestra.Silo.Configuration;

/// <summary>Every key under <c>Orchestra</c>, with its default. A key that is not here is a typo.</summary>
internal sealed class OrchestraOptions
{
    public GatewaySection Gateway { get; set; } = new();

    public AdminSection Admin { get; set; } = new();

    /// <summary>Relative to where the silo is started.</summary>
    public string DataDirectory { get; set; } = "./data";

    /// <summary>A folder with a file for each setting that is secret; null = there is none.</summary>
    public string? SecretsDirectory { get; set; }

    /// <summary>After SIGTERM: for sockets to leave, commits to end and grains to move.</summary>
    public int ShutdownSeconds { get; set; } = 30;

    /// <summary><c>sync</c>, <c>gateway</c>, or both with a comma between.</summary>
    public string Roles { get; set; } = "sync,gateway";

    public ClusterSection Cluster { get; set; } = new();

    public JwtSection Jwt { get; set; } = new();

    public PostgresSection Postgres { get; set; } = new();

    public RetentionSection Retention { get; set; } = new();

    public ConnectionSection Redis { get; set; } = new();

    public ContentsSection Contents { get; set; } = new();

    public TelemetrySection Telemetry { get; set; } = new();

    public EmbeddingsSection Embeddings { get; set; } = new();

    public DevicePriorities DevicePriorities { get; set; } = new();
}

/// <summary>What is told of what the process does.</summary>
internal sealed class TelemetrySection
{
    /// <summary>Whether <c>/metrics</c> is for whoever reaches the admin listener.</summary>
    public bool OpenMetrics { get; set; }

    /// <summary>The part of the pushes that are traced where traces are sent anywhere, 0 to 1.</summary>
    public double TraceRatio { get; set; } = 0.01;
}

/// <summary>The model of searches by meaning.</summary>
internal sealed class EmbeddingsSection
{
    /// <summary>Of an OpenAI-compatible API, with its version; null = there is none.</summary>
    public string? Url { get; set; }

    public string? Model { get; set; }

    /// <summary>Never shown.</summary>
    public string? ApiKey { get; set; }

    /// <summary>For rows; 0 = any number.</summary>
    public int RequestsPerMinute { get; set; } = 60;

    /// <summary>Of texts; 0 = any number.</summary>
    public int BytesPerMinute { get; set; } = 2_000_000;

    /// <summary>From a commit to embedding it, so that edits in a row are paid for once.</summary>
    public int DelaySeconds { get; set; } = 5;
}

/// <summary>Where the contents of files are kept.</summary>
internal sealed class ContentsSection
{
    /// <summary>
    /// A folder; null = <c>contents</c> in the data directory with the embedded store, and none with
    /// PostgreSQL. Several processes may share one.
    /// </summary>
    public string? Directory { get; set; }

    /// <summary>The largest that are taken.</summary>
    public long MaxBytes { get; set; } = 5L * 1024 * 1024 * 1024;

    /// <summary>Hours that contents stay which no row names.</summary>
    public int GraceHours { get; set; } = 168;

    public BucketSection S3 { get; set; } = new();
}

/// <summary>An S3-compatible bucket, instead of a folder.</summary>
internal sealed class BucketSection
{
    /// <summary>Its name; null = there is none.</summary>
    public string? Bucket { get; set; }

    /// <summary>Of the service, as clients reach it too; null = Amazon's, for the region.</summary>
    public string? Url { get; set; }

    public string Region { get; set; } = "us-east-1";

    /// <summary>Null = what the environment of the process gives, such as a role.</summary>
    public string? AccessKey { get; set; }

    public string? SecretKey { get; set; }
}

internal sealed class GatewaySection
{
    public string Url { get; set; } = "http://127.0.0.1:8080";

    /// <summary>
    /// How a process that is a gateway only belongs to the cluster: as a <c>silo</c>, or as a
    /// <c>client</c> from outside.
    /// </summary>
    public string Join { get; set; } = "silo";

    /// <summary>WebSockets at once; beyond it new ones are told to come back.</summary>
    public int MaxConnections { get; set; } = 20_000;

    /// <summary>Other connections at once, also those that become WebSockets later.</summary>
    public int MaxHttpConnections { get; set; } = 5_000;

    /// <summary>WebSockets from one address; 0 = any number, for one behind a proxy.</summary>
    public int MaxConnectionsPerAddress { get; set; }

    /// <summary>Likewise of one user; 0 = any number.</summary>
    public int MaxConnectionsPerUser { get; set; } = 200;

    /// <summary>Likewise that have not said hello.</summary>
    public int MaxStrangers { get; set; } = 1_000;

    /// <summary>After which a device that takes in nothing is disconnected.</summary>
    public int SlowConsumerSeconds { get; set; } = 60;

    /// <summary>Of a socket, whatever they are; what is more waits. 0 = any number.</summary>
    public int MessagesPerSecond { get; set; } = 1_000;

    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Of an owner's devices together; 0 = any number.</summary>
    public int RequestsPerSecond { get; set; } = 200;

    /// <summary>At once, after a rest.</summary>
    public int RequestBurst { get; set; } = 1000;
}

internal sealed class AdminSection
{
    public string Url { get; set; } = "http://127.0.0.1:8081";
}

internal sealed class ClusterSection
{
    public string Id { get; set; } = "orchestra";

    public string ServiceId { get; set; } = "orchestra";

    /// <summary>What the dashboard and logs call this silo; null = any name.</summary>
    public string? SiloName { get; set; }

    /// <summary>
    /// Where PostgreSQL keeps who is in the cluster; null = where the store is. It is the only
    /// database that a gateway needs, and needs a connection without a pooler.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>The IP address of this machine that other silos reach; with PostgreSQL.</summary>
    public string Address { get; set; } = "127.0.0.1";

    public int SiloPort { get; set; } = 11111;

    /// <summary>For Orleans clients outside the cluster; 0 = there are none.</summary>
    public int GatewayPort { get; set; }

    /// <summary>The port of the silo on this machine to join; 0 = this is the first.</summary>
    public int PrimarySiloPort { get; set; }

    /// <summary>Silos probe each other this often, and wait this long for an answer.</summary>
    public int ProbeSeconds { get; set; } = 1;

    /// <summary>Probes without an answer after which a silo is given up and its grains move.</summary>
    public int MissedProbes { get; set; } = 3;

    /// <summary>How often a silo writes that it is alive.</summary>
    public int AliveSeconds { get; set; } = 5;

    /// <summary>How often a silo reads who is there, besides what it is told.</summary>
    public int RefreshSeconds { get; set; } = 10;

    /// <summary>How long a call between silos may take.</summary>
    public int ResponseSeconds { get; set; } = 30;
}

internal sealed class JwtSection
{
    public string? Authority { get; set; }

    public string? Audience { get; set; }

    public string? Issuer { get; set; }
}

internal sealed class PostgresSection
{
    /// <summary>Of a member of orchestra_app; null = the embedded store.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Of a member of orchestra_maintenance; null = the same as the other.</summary>
    public string? MaintenanceConnectionString { get; set; }
}

/// <summary>How long PostgreSQL keeps history; an embedded store keeps all.</summary>
internal sealed class RetentionSection
{
    /// <summary>Whole months of the log that stay besides the current one.</summary>
    public int LogMonths { get; set; } = Retention.Default.LogMonths;

    /// <summary>Days that a deleted row stays as a tombstone.</summary>
    public int TombstoneDays { get; set; } = Retention.Default.TombstoneDays;

    /// <summary>Months of the log to make ahead.</summary>
    public int MonthsAhead { get; set; } = Retention.Default.MonthsAhead;
}

internal sealed class ConnectionSection
{
    public string? ConnectionString { get; set; }
}
