using System.CommandLine;
using System.Net;
using Orchestra.Silo.Configuration;
using Orchestra.Silo.Hosting;

namespace Orchestra.Silo.Commands;

/// <summary>For container runtimes that ask by a command: an image without a shell has no other.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var command = new Command(
            "health",
            """
            Asks the silo with these settings, on this machine, whether it is ready, and says what it
            answers. The exit code is 0 if it is, also where something is slower than it should be.
            """
        );
        command.SetAction((_, cancellation) => RunAsync(cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CancellationToken cancellation)
    {
        var configuration = SiloHost.NewBuilder().Configuration;
        KnownKeys.Require(configuration);
        var options = new OrchestraOptions();
        configuration.GetSection(KnownKeys.Root).Bind(options);
        var admin = ListenAddress.Parse("Orchestra:Admin:Url", options.Admin.Url);
        using var http = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await http.GetAsync(UrlOf(admin.EndPoint), cancellation);
            Console.WriteLine(await answer.Content.ReadAsStringAsync(cancellation));
            return answer.IsSuccessStatusCode ? 0 : CommandLine.Failed;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"{admin.Url} does not answer: {e.Message}");
            return CommandLine.Failed;
        }
    }

    /// <summary>Whoever listens on every address also does on the machine's own.</summary>
    private static Uri UrlOf(IPEndPoint listening)
    {
        var address =
            listening.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : listening.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : listening.Address;
        return new Uri($"http://{new IPEndPoint(address, listening.Port)}/health/ready");
    }
}
