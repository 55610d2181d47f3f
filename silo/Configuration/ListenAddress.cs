using System.Net;

namespace Orchestra.Silo.Configuration;

/// <summary>Where a listener listens.</summary>
/// <param name="Key">The setting that says so, for messages.</param>
/// <param name="Url">As written.</param>
/// <param name="EndPoint">What to bind; port 0 = any that is free.</param>
internal sealed record ListenAddress(string Key, string Url, IPEndPoint EndPoint)
{
    public bool IsLoopback => IPAddress.IsLoopback(EndPoint.Address);

    /// <exception cref="SettingException">Not an address to listen on.</exception>
    public static ListenAddress Parse(string key, string url)
    {
        if (
            !Uri.TryCreate(url, UriKind.Absolute, out var uri)
            || uri.Scheme != Uri.UriSchemeHttp
            || uri.PathAndQuery != "/"
            || FindAddress(uri) is not { } address
        )
            throw new SettingException(
                $"{key} is '{url}', which is not of the form http://127.0.0.1:8080: plain http, an "
                    + "IP address or localhost, a port (TLS ends in front of the silo)."
            );
        return new ListenAddress(key, url, new IPEndPoint(address, uri.Port));
    }

    private static IPAddress? FindAddress(Uri uri)
    {
        if (uri.Host == "localhost")
            return IPAddress.Loopback;
        return IPAddress.TryParse(uri.DnsSafeHost, out var address) ? address : null;
    }
}
