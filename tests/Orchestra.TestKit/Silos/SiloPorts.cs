using System.Net;
using System.Net.Sockets;

namespace Orchestra.TestKit.Silos;

/// <summary>
/// Ports for those that cannot be told to take any that is free: Orleans, and processes that must
/// come back at the same address. They lie below those that the system itself gives out, and test
/// processes begin at different ones.
/// </summary>
public static class SiloPorts
{
    private const int First = 12_000;
    private const int Count = 16_000;

    private static int last = Environment.ProcessId * 3_571;

    public static int Next()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref last) % Count);
            if (IsFree(port))
                return port;
        }
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
