using System.Net;

namespace Orchestra.Silo.Configuration;

/// <summary>How this process belongs to the Orleans cluster.</summary>
/// <param name="Id">Silos of one id are one cluster.</param>
/// <param name="ServiceId">What reminders belong to; clusters in succession share it.</param>
/// <param name="ConnectionString">PostgreSQL with the members; null = this machine only.</param>
/// <param name="IsClient">Whether it calls the cluster from outside instead of being one of it.</param>
/// <param name="Address">Where other silos reach this one.</param>
/// <param name="SiloName">What people call it; null = any name.</param>
/// <param name="SiloPort">For silos.</param>
/// <param name="GatewayPort">For clients; 0 = none.</param>
/// <param name="PrimarySiloPort">Of the silo on this machine to join; 0 = this is the first.</param>
/// <param name="Probe">How often silos probe each other, and how long they wait.</param>
/// <param name="MissedProbes">After how many a silo is given up.</param>
/// <param name="Alive">How often a silo writes that it is alive.</param>
/// <param name="Refresh">How often a silo reads who is there.</param>
/// <param name="Response">How long a call may take.</param>
internal sealed record ClusterSettings(
    string Id,
    string ServiceId,
    string? ConnectionString,
    bool IsClient,
    IPAddress Address,
    string? SiloName,
    int SiloPort,
    int GatewayPort,
    int PrimarySiloPort,
    TimeSpan Probe,
    int MissedProbes,
    TimeSpan Alive,
    TimeSpan Refresh,
    TimeSpan Response
)
{
    private const string Key = "Orchestra:Cluster";
    private const int MostSeconds = 600;
    private const int MostProbes = 100;

    /// <exception cref="SettingException">The first thing that is wrong.</exception>
    public static ClusterSettings Of(OrchestraOptions options, Roles roles, StoreSettings store)
    {
        var cluster = options.Cluster;
        if (!IPAddress.TryParse(cluster.Address, out var address))
            throw new SettingException(
                $"{Key}:Address is '{cluster.Address}', which is not an IP address."
            );
        var members = cluster.ConnectionString is { } own
            ? StoreSettings.RequireConnection($"{Key}:ConnectionString", own)
            : store.Postgres?.App;
        return new(
            cluster.Id,
            cluster.ServiceId,
            members,
            JoinsAsClient(options.Gateway.Join, roles, members),
            address,
            cluster.SiloName,
            Port(nameof(cluster.SiloPort), cluster.SiloPort, IPEndPoint.MinPort + 1),
            Port(nameof(cluster.GatewayPort), cluster.GatewayPort, IPEndPoint.MinPort),
            Port(nameof(cluster.PrimarySiloPort), cluster.PrimarySiloPort, IPEndPoint.MinPort),
            Seconds(nameof(cluster.ProbeSeconds), cluster.ProbeSeconds),
            Within(nameof(cluster.MissedProbes), cluster.MissedProbes, MostProbes),
            Seconds(nameof(cluster.AliveSeconds), cluster.AliveSeconds),
            Seconds(nameof(cluster.RefreshSeconds), cluster.RefreshSeconds),
            Seconds(nameof(cluster.ResponseSeconds), cluster.ResponseSeconds)
        );
    }

    private static bool JoinsAsClient(string join, Roles roles, string? members)
    {
        const string JoinKey = "Orchestra:Gateway:Join";
        if (join == "silo")
            return false;
        if (join != "client")
            throw new SettingException($"{JoinKey} is '{join}'; it is silo or client.");
        if (roles.Sync)
            throw new SettingException(
                $"{JoinKey} is client, but owners' grains need a silo; set Orchestra:Roles=gateway."
            );
        if (members is null)
            throw new SettingException(
                $"{JoinKey} is client, which finds the cluster by {Key}:ConnectionString; set it."
            );
        return true;
    }

    private static int Port(string name, int port, int least) =>
        port >= least && port <= IPEndPoint.MaxPort
            ? port
            : throw new SettingException($"{Key}:{name} is {port}, which is not a port.");

    private static TimeSpan Seconds(string name, int seconds) =>
        TimeSpan.FromSeconds(Within(name, seconds, MostSeconds));

    private static int Within(string name, int value, int most) =>
        value >= 1 && value <= most
            ? value
            : throw new SettingException($"{Key}:{name} is {value}, which is not 1 to {most}.");
}
