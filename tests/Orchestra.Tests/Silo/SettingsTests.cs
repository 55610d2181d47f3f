using Microsoft.Extensions.Configuration;
using Orchestra.Silo.Configuration;
using Orchestra.Silo.Hosting;
using Orchestra.Sync.Store;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Events;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Silo;

/// <summary>A setting that is wrong stops the start with one sentence that names it.</summary>
[Collection(nameof(SharedSilo))]
public sealed class SettingsTests(SharedSilo shared)
{
    private const string GatewayUrl = "Orchestra:Gateway:Url";

    /// <summary>Key, value, and what the sentence says.</summary>
    public static TheoryData<string, string, string> Wrong =>
        new()
        {
            {
                "Orchestra:Gateway:Ulr",
                "x",
                "Orchestra:Gateway:Ulr is not a setting; did you mean Orchestra:Gateway:Url?"
            },
            {
                "Orchestra:DataDir",
                "x",
                "Orchestra:DataDir is not a setting; did you mean Orchestra:DataDirectory?"
            },
            {
                "Orchestra:Cluster:SilosPort",
                "1",
                "Orchestra:Cluster:SilosPort is not a setting; did you mean Orchestra:Cluster:SiloPort?"
            },
            { "Orchesta:Gateway:Url", "x", "Orchesta is not a setting; did you mean Orchestra?" },
            { GatewayUrl, "8080", "which is not of the form http://127.0.0.1:8080" },
            { GatewayUrl, "https://127.0.0.1:8080", "which is not of the form" },
            { GatewayUrl, "http://example.com:8080", "which is not of the form" },
            { GatewayUrl, "http://127.0.0.1:8080/sync", "which is not of the form" },
            { GatewayUrl, "http://0.0.0.0:8080", "listens on 127.0.0.1 only" },
            { "Orchestra:Admin:Url", "", "Orchestra:Admin:Url is ''" },
            { "Orchestra:Gateway:AllowedOrigins", "https://a.example", "is a list; set" },
            { "Orchestra:Gateway:AllowedOrigins:0", "a.example", "not of the form" },
            { "Orchestra:Gateway:AllowedOrigins:0", "*", "not of the form" },
            { "Orchestra:Gateway:AllowedOrigins:0", "https://a.example/app", "not of the form" },
            { "Orchestra:ShutdownSeconds", "0", "is 0, which is not 1 to 3600" },
            { "Orchestra:Roles:0", "sync", "Orchestra:Roles has one value, not a list." },
            { "Orchestra:Roles", "sync,web", "it is sync, gateway or sync,gateway" },
            { "Orchestra:Roles", "", "it is sync, gateway or sync,gateway" },
            { "Orchestra:Cluster:SiloPort", "many", "'many', which is not a whole number" },
            { "Orchestra:Cluster:SiloPort", "0", "0, which is not a port" },
            { "Orchestra:Cluster:Address", "silo-1", "'silo-1', which is not an IP address" },
            { "Orchestra:Cluster:GatewayPort", "65536", "65536, which is not a port" },
            { "Orchestra:Cluster:ConnectionString", "nonsense", "is no connection string" },
            { "Orchestra:Cluster:ProbeSeconds", "0", "is 0, which is not 1 to 600" },
            { "Orchestra:Cluster:MissedProbes", "101", "is 101, which is not 1 to 100" },
            { "Orchestra:Gateway:MaxConnections", "0", "is 0, which is not 1 or more" },
            { "Orchestra:Gateway:MaxConnectionsPerUser", "-1", "is -1, which is not 0 or more" },
            { "Orchestra:Gateway:SlowConsumerSeconds", "0", "is 0, which is not 1 or more" },
            { "Orchestra:Embeddings:Url", "ftp://a.example", "Url is not of the form" },
            { "Orchestra:Embeddings:Url", "https://a:b@a.example/v1", "Url is not of the form" },
            { "Orchestra:Embeddings:Url", "https://a.example/v1", "Model is missing" },
            { "Orchestra:Gateway:Join", "guest", "'guest'; it is silo or client" },
            { "Orchestra:Gateway:Join", "client", "set Orchestra:Roles=gateway" },
            { "Orchestra:DevicePriorities:Desktop", "1001", "1001, which is not 0 to 1000" },
            { "Orchestra:DevicePriorities:Desktop", "high", "'high', which is not a whole number" },
            {
                "Orchestra:DevicePriorities:Toaster",
                "1",
                "Orchestra:DevicePriorities:Toaster is not"
            },
            { "Orchestra:Postgres:ConnectionString", "Host=x", "lacks a host or a database" },
            { "Orchestra:Postgres:ConnectionString", "nonsense", "is no connection string" },
            {
                "Orchestra:Postgres:MaintenanceConnectionString",
                "Host=x;Database=y",
                "is set without Orchestra:Postgres:ConnectionString"
            },
            { "Orchestra:Retention:LogMonths", "0", "is 0, which is not 1 or more" },
            { "Orchestra:Retention:TombstoneDays", "0", "is 0, which is not 1 to 36500" },
            { "Orchestra:Retention:MonthsAhead", "13", "is 13, which is not 1 to 12" },
            { "Orchestra:Retention:MonthsAhead", "two", "'two', which is not a whole number" },
            { "Orchestra:Gateway:RequestsPerSecond", "-1", "is -1, which is not 0 to 1000000" },
            { "Orchestra:Gateway:MessagesPerSecond", "-1", "is -1, which is not 0 to 1000000" },
            { "Orchestra:Gateway:RequestBurst", "0", "is 0, which is not 1 to 1000000" },
            { "Orchestra:Redis:ConnectionString", "ssl=true", "names no server" },
            { "Orchestra:Redis:ConnectionString", "", "is no connection string" },
            {
                "Orchestra:Redis:ConnectionString",
                "redis:6379,passwort=x",
                "Orchestra:Redis:ConnectionString is no connection string"
            },
            { "Orchestra:Redis:ConnectionString", "redis,ssl=perhaps", "is no connection string" },
            {
                "Orchestra:Redis:ConnectionString",
                "redis,syncTimeout=x",
                "is no connection string"
            },
            { "Orchestra:Telemetry:TraceRatio", "1.5", "is 1.5, which is not 0 to 1" },
            { "Orchestra:Telemetry:TraceRatio", "half", "'half', which is not a number" },
            { "Orchestra:Telemetry:OpenMetrics", "yes", "'yes', which is not true or false" },
            { "Orchestra:Contents:MaxBytes", "0", "is 0, which is not 1 or more" },
            { "Orchestra:Contents:GraceHours", "0", "is 0, which is not 1 to 876000" },
            { "Orchestra:Contents:S3:Bucket", "a/b", "'a/b', which is no bucket's name" },
            { "Orchestra:Jwt:Authority", "idp.example", "which is not an https URL" },
            { "Orchestra:Jwt:Authority", "http://idp.example", "which is not an https URL" },
            {
                "Orchestra:Jwt:Authority",
                "https://idp.example",
                "Orchestra:Jwt:Audience is missing"
            },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void The_sentence_says_what_is_wrong(string key, string value, string sentence)
    {
        var fault = Assert.Throws<SettingException>(() => Read(isDevelopment: true, (key, value)));
        Assert.Contains(sentence, fault.Message, StringComparison.Ordinal);
        Assert.Contains(key.Split(':')[0], fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void Outside_development_somebody_must_issue_the_tokens()
    {
        var fault = Assert.Throws<SettingException>(() => Read(isDevelopment: false));
        Assert.Contains(
            "Orchestra:Jwt:Authority is missing",
            fault.Message,
            StringComparison.Ordinal
        );
    }

    /// <summary>Files that may be open, and how many WebSockets and other connections fit.</summary>
    [Theory]
    [InlineData(1_000_000, 20_000, 5_000)]
    [InlineData(20_000, 15_200, 3_800)]
    [InlineData(4_096, 2_476, 619)]
    [InlineData(1_024, 614, 153)]
    [InlineData(1, 1, 1)]
    public void There_are_no_more_connections_than_files_may_be_open(
        long files,
        int sockets,
        int others
    ) => Assert.Equal((sockets, others), OpenFiles.Fit(20_000, 5_000, files));

    /// <summary>Key, connection string, and whether it leaves the machine without saying how.</summary>
    [Theory]
    [InlineData("Postgres", "Host=db;Database=o", true)]
    [InlineData("Postgres", "Host=localhost,db;Database=o", true)]
    [InlineData("Postgres", "Host=db;Database=o;SSL Mode=VerifyFull", false)]
    [InlineData("Postgres", "Host=db;Database=o;SslMode=Disable", false)]
    [InlineData("Postgres", "Host=127.0.0.1;Database=o", false)]
    [InlineData("Postgres", "Host=/run/postgresql;Database=o", false)]
    [InlineData("Cluster", "Host=db;Database=o", true)]
    [InlineData("Cluster", "Host=localhost;Database=o", false)]
    [InlineData("Redis", "cache:6379", true)]
    [InlineData("Redis", "127.0.0.1:6379,cache:6379", true)]
    [InlineData("Redis", "cache:6379,ssl=true", false)]
    [InlineData("Redis", "cache:6379,ssl=false", false)]
    [InlineData("Redis", "localhost:6379", false)]
    public void Outside_development_it_is_said_whether_to_encrypt(
        string section,
        string connection,
        bool isSilent
    )
    {
        var key = $"Orchestra:{section}:ConnectionString";
        (string, string)[] settings = [("Orchestra:Roles", "sync"), (key, connection)];
        Assert.NotNull(Read(isDevelopment: true, settings));
        if (!isSilent)
        {
            Assert.NotNull(Read(isDevelopment: false, settings));
            return;
        }
        var fault = Assert.Throws<SettingException>(() => Read(isDevelopment: false, settings));
        Assert.StartsWith($"{key} does not say whether to encrypt", fault.Message);
    }

    /// <summary>URL, keys, what the sentence says, and whether already in Development.</summary>
    [Theory]
    [InlineData("https://s3.example", "a", "hidden", "", false)]
    [InlineData("http://127.0.0.1:9000", "a", "hidden", "", false)]
    [InlineData("http://s3.example", "a", "hidden", "S3:Url is not encrypted", false)]
    [InlineData("s3.example", "a", "hidden", "S3:Url is not of the form", true)]
    [InlineData("ftp://s3.example", "a", "hidden", "S3:Url is not of the form", true)]
    [InlineData("https://s3.example/x", "a", "hidden", "S3:Url is not of the form", true)]
    [InlineData("https://a:hidden@s3.example", null, null, "S3:Url is not of the form", true)]
    [InlineData("https://s3.example", null, "hidden", "one of them is missing", true)]
    public void The_keys_of_a_bucket_are_never_shown(
        string url,
        string? key,
        string? secret,
        string sentence,
        bool isWrongAnyway
    )
    {
        List<(string, string)> settings =
        [
            ("Orchestra:Roles", "sync"),
            ("Orchestra:Contents:S3:Bucket", "contents"),
            ("Orchestra:Contents:S3:Url", url),
        ];
        if (key is not null)
            settings.Add(("Orchestra:Contents:S3:AccessKey", key));
        if (secret is not null)
            settings.Add(("Orchestra:Contents:S3:SecretKey", secret));
        if (!isWrongAnyway)
            Assert.DoesNotContain("hidden", $"{Read(isDevelopment: true, [.. settings])}");
        if (sentence.Length == 0)
        {
            Assert.Equal(
                "contents",
                Read(isDevelopment: false, [.. settings]).Contents.Bucket!.Bucket
            );
            return;
        }
        var fault = Assert.Throws<SettingException>(() =>
            Read(isDevelopment: isWrongAnyway, [.. settings])
        );
        Assert.Contains(sentence, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", fault.Message);
    }

    [Fact]
    public void A_silo_without_the_gateway_needs_no_issuer()
    {
        var settings = Read(isDevelopment: false, ("Orchestra:Roles", "sync"));
        Assert.Null(settings.Gateway);
        Assert.True(settings.HasSync);
    }

    [Fact]
    public void A_gateway_from_outside_finds_the_cluster_in_its_database()
    {
        (string, string)[] client =
        [
            ("Orchestra:Roles", "gateway"),
            ("Orchestra:Gateway:Join", "client"),
        ];
        var fault = Assert.Throws<SettingException>(() => Read(isDevelopment: true, client));
        Assert.Contains("Orchestra:Cluster:ConnectionString", fault.Message);

        var settings = Read(
            isDevelopment: true,
            [.. client, ("Orchestra:Cluster:ConnectionString", "Host=db;Database=orchestra")]
        );
        Assert.True(settings.Cluster.IsClient);
        Assert.Null(settings.Store.Postgres);
    }

    [Fact]
    public void Whoever_sets_nothing_gets_what_the_help_says()
    {
        var settings = Read(isDevelopment: true);
        Assert.Equal("http://127.0.0.1:8080", settings.Gateway!.Url);
        Assert.Equal("http://127.0.0.1:8081", settings.Admin.Url);
        Assert.Equal(Path.GetFullPath("./data"), settings.Store.DataDirectory);
        Assert.Null(settings.Store.Postgres);
        Assert.Equal(new Retention(13, 430, 2), settings.Store.Retention);
        Assert.Null(settings.Issuer);
        Assert.Empty(settings.AllowedOrigins);
    }

    [Fact]
    public void An_issuer_and_origins_are_taken_over()
    {
        var settings = Read(
            isDevelopment: false,
            ("Orchestra:Jwt:Authority", "https://idp.example/realm"),
            ("Orchestra:Jwt:Audience", "orchestra"),
            ("Orchestra:Gateway:AllowedOrigins:0", "https://App.example/"),
            ("Orchestra:Gateway:AllowedOrigins:1", "chrome-extension://abcdef")
        );
        Assert.Equal("https://idp.example/realm", settings.Issuer!.Authority.AbsoluteUri);
        Assert.Equal(["https://app.example", "chrome-extension://abcdef"], settings.AllowedOrigins);
    }

    [Fact]
    public async Task A_port_in_use_is_named_with_its_setting()
    {
        var taken = shared.Silo.Gateway.GetLeftPart(UriPartial.Authority);
        var fault = await Assert.ThrowsAsync<SettingException>(() =>
            RunningSilo.StartAsync(null, ("Orchestra:Admin:Url", taken))
        );
        Assert.Contains("Orchestra:Admin:Url", fault.Message, StringComparison.Ordinal);
        Assert.Contains("is in use by another program", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_another_silo_has_is_not_shared()
    {
        var taken = shared.Silo.Folder;
        var fault = await Assert.ThrowsAsync<SettingException>(() =>
            RunningSilo.StartAsync(null, ("Orchestra:DataDirectory", taken))
        );
        Assert.Contains(
            $"{taken} is in use by another silo",
            fault.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_folder_that_is_a_file_is_none()
    {
        var file = shared.Silo.DevelopmentKeyFile;
        var fault = Assert.Throws<SettingException>(() => DataDirectory.Claim(file));
        Assert.Contains($"{file} cannot be made", fault.Message, StringComparison.Ordinal);
    }

    private static SiloSettings Read(
        bool isDevelopment,
        params (string Key, string Value)[] settings
    ) =>
        SiloSettings.Read(
            new ConfigurationBuilder()
                .AddInMemoryCollection(
                    settings.ToDictionary(pair => pair.Key, pair => (string?)pair.Value)
                )
                .Build(),
            isDevelopment
        );
}
