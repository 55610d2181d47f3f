using System.Data.Common;
using Npgsql;
using Orchestra.Database.Redis;

namespace Orchestra.Silo.Configuration;

/// <summary>
/// Outside Development what leaves the machine is encrypted, unless whoever runs it has written that
/// it need not be: forgetting is not enough.
/// </summary>
internal static class Encryption
{
    /// <exception cref="SettingException">A connection says neither.</exception>
    public static void Require(
        StoreSettings store,
        ClusterSettings cluster,
        string? redis,
        BucketSettings? bucket,
        Uri? embeddings
    )
    {
        RequirePostgres("Orchestra:Postgres:ConnectionString", store.Postgres?.App);
        RequirePostgres(
            "Orchestra:Postgres:MaintenanceConnectionString",
            store.Postgres?.Maintenance
        );
        RequirePostgres("Orchestra:Cluster:ConnectionString", cluster.ConnectionString);
        if (redis is not null && RedisOptions.IsSilentOnEncryption(redis))
            throw new SettingException(
                "Orchestra:Redis:ConnectionString does not say whether to encrypt: add ssl=true, or "
                    + "ssl=false where the network is trusted."
            );
        // Also devices use it, from wherever they are.
        if (bucket?.Url is { Scheme: "http", IsLoopback: false })
            throw new SettingException(
                "Orchestra:Contents:S3:Url is not encrypted: name an https URL."
            );
        if (embeddings is { Scheme: "http", IsLoopback: false })
            throw new SettingException(
                "Orchestra:Embeddings:Url is not encrypted: name an https URL."
            );
    }

    private static void RequirePostgres(string key, string? connection)
    {
        if (connection is null)
            return;
        var hosts = new NpgsqlConnectionStringBuilder(connection).Host!.Split(',');
        var said = new DbConnectionStringBuilder { ConnectionString = connection };
        if (hosts.All(IsHere) || said.ContainsKey("SSL Mode") || said.ContainsKey("SslMode"))
            return;
        throw new SettingException(
            $"{key} does not say whether to encrypt: add SSL Mode=VerifyFull, with Root Certificate=… "
                + "where the machine does not know the authority, or SSL Mode=Disable where the network "
                + "is trusted."
        );
    }

    /// <summary>A socket in the file system, or this machine.</summary>
    private static bool IsHere(string host) =>
        host.Trim() is var name
        && (
            name.StartsWith('/')
            || name.StartsWith("127.", StringComparison.Ordinal)
            || name.StartsWith("localhost", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("::1", StringComparison.Ordinal)
        );
}
