using System.CommandLine;
using Orchestra.Silo.Configuration;
using Orchestra.Silo.Hosting;

namespace Orchestra.Silo.Commands;

internal static class RunCommand
{
    public const string Name = "run";

    private const string Description = """
        Starts the server; also what happens without a command.

        Settings come from appsettings.json or the environment, with __ for each colon
        (Orchestra__Gateway__Url=http://127.0.0.1:9000):
          Orchestra:Gateway:Url              where clients connect (http://127.0.0.1:8080)
          Orchestra:Gateway:AllowedOrigins   browser origins that may connect (none but its own)
          Orchestra:Gateway:RequestsPerSecond  of an owner's devices together (200; 0 = any number)
          Orchestra:Gateway:RequestBurst     how many of them at once (1000)
          Orchestra:Gateway:MaxConnections   WebSockets at once (20000)
          Orchestra:Gateway:MaxHttpConnections  other connections at once (5000)
          Orchestra:Gateway:MaxConnectionsPerUser, MaxConnectionsPerAddress  of them (200; 0 = any)
          Orchestra:Gateway:MaxStrangers     of them before they say hello (1000)
          Orchestra:Gateway:MessagesPerSecond  read of one user's sockets (1000; 0 = any number)
          Orchestra:Gateway:SlowConsumerSeconds  after which one that takes in nothing ends (60)
          Orchestra:Gateway:Join             with Roles=gateway: silo, or client from outside (silo)
          Orchestra:Admin:Url                health, dashboard, events (http://127.0.0.1:8081)
          Orchestra:Telemetry:OpenMetrics    /metrics for whoever reaches Admin:Url (false)
          Orchestra:Telemetry:TraceRatio     part of the pushes that are traced (0.01), with OTLP
          OTEL_EXPORTER_OTLP_ENDPOINT        sends metrics, traces and logs there, over OTLP
          Orchestra:DataDirectory            where the embedded store is (./data)
          Orchestra:Postgres:ConnectionString  the store is this PostgreSQL database, see migrate
          Orchestra:Postgres:MaintenanceConnectionString  the login that collects what is old
          Orchestra:Redis:ConnectionString   connects clusters and gateways sooner (host:6379,…)
          Orchestra:Contents:Directory       contents of files (with the embedded store: in its folder)
          Orchestra:Contents:S3:Bucket, Url, Region, AccessKey, SecretKey  or a bucket for them
          Orchestra:Contents:MaxBytes        the largest that are taken (5 GiB)
          Orchestra:Contents:GraceHours      how long they stay when no row names them (168)
          Orchestra:Embeddings:Url, Model, ApiKey  an OpenAI-compatible API, for searches by meaning
          Orchestra:Embeddings:RequestsPerMinute, BytesPerMinute  it is asked (60, 2000000; 0 = any)
          Orchestra:Embeddings:DelaySeconds  from a commit to embedding it (5)
          Orchestra:Retention:LogMonths      whole months that the log goes back (13), PostgreSQL
          Orchestra:Retention:TombstoneDays  how long deleted rows are remembered (430)
          Orchestra:Retention:MonthsAhead    months of the log made ahead (2; 1 to 12)
          Orchestra:Roles                    sync, gateway or both (sync,gateway)
          Orchestra:SecretsDirectory         a folder with a file for each secret setting (none)
          Orchestra:ShutdownSeconds          for an orderly end after SIGTERM (30)
          Orchestra:Jwt:Authority            who issues access tokens; needed outside Development
          Orchestra:Jwt:Audience             the audience they must name
          Orchestra:Jwt:Issuer               the issuer they must name, if not the authority's
          Orchestra:Cluster:Id, ServiceId, Address, SiloName, SiloPort, GatewayPort, PrimarySiloPort
          Orchestra:Cluster:ConnectionString  where Orleans keeps its members (the store's)
          Orchestra:Cluster:ProbeSeconds     between two probes of a silo (1)
          Orchestra:Cluster:MissedProbes     after which a silo is given up (3)
          Orchestra:Cluster:AliveSeconds, RefreshSeconds  signs of life, reading of members (5, 10)
          Orchestra:Cluster:ResponseSeconds  how long a call in the cluster may take (30)
          Orchestra:DevicePriorities:Desktop and other kinds: who wins a tie (0 to 1000)
        """;

    /// <summary>For what ends by itself just when its time is over.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        var command = new Command(Name, Description);
        command.SetAction((_, cancellation) => RunAsync(cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CancellationToken cancellation)
    {
        await using var silo = await SiloHost.BuildAsync(SiloHost.NewBuilder(), cancellation);
        using var stopping = silo.Lifetime.ApplicationStopping.Register(() => _ = EndAsync(silo));
        await silo.StartAsync(cancellation);
        StartReport.Write(silo, Console.Out);
        await silo.WaitForShutdownAsync(cancellation);
        return 0;
    }

    /// <summary>
    /// Orleans goes on trying for minutes to tell the others that it leaves, whatever the host's patience.
    /// </summary>
    private static async Task EndAsync(WebApplication silo)
    {
        var services = silo.Services;
        var patience = services.GetRequiredService<SiloSettings>().Shutdown;
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(SiloHost));
        await Task.Delay(patience + Grace, services.GetRequiredService<TimeProvider>());
        HostLog.EndedAnyway(log, patience.TotalSeconds);
        Environment.Exit(CommandLine.Failed);
    }
}
