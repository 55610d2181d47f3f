using System.Net;
using StackExchange.Redis;

namespace Orchestra.Database.Redis;

/// <summary>A connection string, with what must hold whatever it says.</summary>
public static class RedisOptions
{
    /// <summary>Whoever asks Redis goes on without it after this.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>What is wrong with a connection string, as the end of a sentence; null = nothing.</summary>
    public static string? FindFault(string text)
    {
        try
        {
            return ConfigurationOptions.Parse(text).EndPoints.Count == 0 ? "names no server" : null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            // The parser's own words may hold the password.
            return "is no connection string of the form host:6379,password=…,ssl=true";
        }
    }

    /// <summary>Whether it names another machine and does not say if what goes there is encrypted.</summary>
    public static bool IsSilentOnEncryption(string text) =>
        !text.Contains("ssl=", StringComparison.OrdinalIgnoreCase)
        && ConfigurationOptions.Parse(text).EndPoints.Any(end => !IsHere(end));

    private static bool IsHere(EndPoint end) =>
        end switch
        {
            IPEndPoint ip => IPAddress.IsLoopback(ip.Address),
            DnsEndPoint name => name.Host == "localhost",
            _ => true,
        };

    internal static ConfigurationOptions Parse(string text)
    {
        var options = ConfigurationOptions.Parse(text);
        options.AbortOnConnectFail = false;
        options.ClientName ??= "orchestra";
        // Nothing here has two masters, and whoever has few rights need not have these.
        options.ConfigurationChannel = "";
        options.TieBreaker = "";
        // What cannot be sent now is not worth sending later, and must not pile up.
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.AsyncTimeout = Math.Min(options.AsyncTimeout, (int)Patience.TotalMilliseconds);
        options.ConnectTimeout = Math.Min(options.ConnectTimeout, 2_000);
        options.IncludeDetailInExceptions = false;
        return options;
    }
}
