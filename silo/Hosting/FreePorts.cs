using System.Net;
using System.Net.Sockets;
using Orchestra.Silo.Configuration;

namespace Orchestra.Silo.Hosting;

/// <summary>Finds out before the start whether somebody else has a port.</summary>
internal static class FreePorts
{
    /// <exception cref="SettingException">One of them is taken, or no address of this machine.</exception>
    public static void Require(SiloSettings settings)
    {
        if (settings.Gateway is { } gateway)
            Require(gateway.Key, gateway.EndPoint);
        Require(settings.Admin.Key, settings.Admin.EndPoint);
        if (settings.Cluster.IsClient)
            return;
        Require(
            "Orchestra:Cluster:SiloPort",
            new IPEndPoint(settings.Cluster.Address, settings.Cluster.SiloPort)
        );
    }

    private static void Require(string key, IPEndPoint endPoint)
    {
        if (endPoint.Port == 0)
            return;
        using var listener = new TcpListener(endPoint);
        try
        {
            listener.Start();
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new SettingException(
                $"{key}: {endPoint} is in use by another program; stop it or name another port."
            );
        }
        catch (SocketException e)
        {
            throw new SettingException($"{key}: {endPoint} cannot be listened on: {e.Message}.");
        }
    }
}
