using Npgsql;
using Orchestra.Database.Postgres;
using Orchestra.Database.Schema;
using Orchestra.Sync;
using Orchestra.TestKit.Certificates;
using Orchestra.TestKit.Postgres;
using Orchestra.TestKit.Processes;
using Orchestra.TestKit.Redis;
using Orchestra.Tests.Cluster.Redis;

namespace Orchestra.Tests.Cluster;

/// <summary>A silo whose connections to PostgreSQL and Redis are encrypted and verified.</summary>
public class EncryptedTests
{
    [Fact]
    public async Task Everything_goes_over_TLS_where_the_settings_say_so()
    {
        var certificate = await TestCertificate.CreateAsync();
        await using var server = await PostgresServer.StartAsync(certificate.PostgresSettings);
        var database = await MigratedDatabase.CreateAsync(server);
        await using var redis = await RedisServer.StartAsync(certificate);
        await redis.AskAsync("ACL SETUSER silo on >secret ~* &* +@all");
        await redis.AskAsync("ACL SETUSER default off");
        await using var silo = await SiloProcess.StartAsync(
            ("Orchestra__Postgres__ConnectionString", Verified(database, certificate)),
            (
                "Orchestra__Redis__ConnectionString",
                $"localhost:{redis.Port},ssl=true,user=silo,password=secret"
            ),
            // What this machine trusts.
            ("SSL_CERT_FILE", certificate.Authority)
        );
        await TwoClusters.WaitForHealthAsync(silo, "Healthy");
        await using var device = await TwoClusters.ConnectAsync(silo, new OwnerId(Guid.NewGuid()));
        await device.ReadUntilAsync(await TwoClusters.PushAsync(device));

        var connections = await database.RunAsync(
            """
            select string_agg(distinct ssl::text, ',') || ' ' || (count(*) > 1)
            from pg_stat_ssl join pg_stat_activity using (pid)
            where datname = current_database() and usename <> 'postgres'
            """
        );
        Assert.Equal("true true", connections);
    }

    [Fact]
    public async Task A_server_whose_authority_is_another_is_not_believed()
    {
        var certificate = await TestCertificate.CreateAsync();
        await using var server = await PostgresServer.StartAsync(certificate.PostgresSettings);
        var database = await MigratedDatabase.CreateAsync(server);
        var other = await TestCertificate.CreateAsync();
        await new PostgresSchema(Verified(database, certificate)).RequireCurrentAsync(default);
        await Assert.ThrowsAsync<SchemaException>(() =>
            new PostgresSchema(Verified(database, other)).RequireCurrentAsync(default)
        );
    }

    private static string Verified(MigratedDatabase database, TestCertificate authority) =>
        new NpgsqlConnectionStringBuilder(database.ConnectionString())
        {
            Host = "localhost",
            SslMode = SslMode.VerifyFull,
            RootCertificate = authority.Authority,
        }.ConnectionString;
}
