using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Orchestra.Silo.Hosting;
using Orchestra.Sync;
using Orchestra.TestKit.Stores;

namespace Orchestra.TestKit.Silos;

/// <summary>
/// A real silo in this process, put together by the silo's own code: what users start, on ports and
/// in a folder of its own. Gone without a trace when disposed.
/// </summary>
public sealed class RunningSilo : IServerUnderTest
{
    private readonly DirectoryInfo folder;
    private readonly TimeProvider time;
    private readonly Dictionary<string, string?> settings;
    private WebApplication app;

    private RunningSilo(
        DirectoryInfo folder,
        TimeProvider time,
        Dictionary<string, string?> settings,
        StoreUnderTest store,
        WebApplication app
    )
    {
        Store = store;
        this.folder = folder;
        this.time = time;
        this.settings = settings;
        this.app = app;
        var bound = BoundAddresses.Of(app);
        Admin = new Uri(bound.Admin);
        Http = new HttpClient { BaseAddress = new Uri(bound.Gateway!) };
    }

    public Uri Gateway => Http.BaseAddress!;

    public Uri Admin { get; }

    public HttpClient Http { get; }

    /// <summary>What it answers to, on either listener.</summary>
    public IReadOnlyList<Endpoint> Endpoints =>
        app.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    /// <summary>What the silo has of its own on the disk.</summary>
    public string Folder => folder.FullName;

    public StoreUnderTest Store { get; }

    public string DevelopmentKeyFile => Path.Combine(folder.FullName, "development.key");

    /// <summary>
    /// What was logged as a warning or worse since the start, a line each; without what Orleans says
    /// of a machine that is busy.
    /// </summary>
    public IReadOnlyList<string> Complaints =>
        [
            .. app
                .Services.GetFakeLogCollector()
                .GetSnapshot()
                .Where(record => record.Level >= LogLevel.Warning && !IsOfMachine(record.Category!))
                .Select(record => $"{record.Category}: {record.Message} {record.Exception}"),
        ];

    /// <summary>All that was logged since the start, exceptions included.</summary>
    public IReadOnlyList<string> Log =>
        [
            .. app
                .Services.GetFakeLogCollector()
                .GetSnapshot()
                .Select(record =>
                    $"{record.Category}: {record.Message} {record.Exception} "
                    + string.Join(' ', record.StructuredState?.Select(pair => pair.Value) ?? [])
                ),
        ];

    /// <param name="time">Whose clock the silo goes by; null = the machine's.</param>
    /// <param name="settings">Besides those that every test needs.</param>
    public static async Task<RunningSilo> StartAsync(
        TimeProvider? time = null,
        params (string Key, string Value)[] settings
    )
    {
        var folder = Directory.CreateTempSubdirectory("orchestra-silo-");
        try
        {
            var clock = time ?? TimeProvider.System;
            var store = await StoreUnderTest.CreateAsync(folder.FullName);
            var all = Settings(folder, store, settings);
            return new RunningSilo(folder, clock, all, store, await StartAsync(clock, all));
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>Starts it again after a stop, at the same addresses and with the same data.</summary>
    public async Task RestartAsync()
    {
        settings["Orchestra:Gateway:Url"] = Gateway.ToString();
        settings["Orchestra:Admin:Url"] = Admin.ToString();
        await app.DisposeAsync();
        app = await StartAsync(time, settings);
    }

    public async Task<string> TokenAsync(OwnerId owner)
    {
        using var answer = await Http.PostAsJsonAsync("/dev/token", new { user = owner.Value });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<TokenAnswer>())!.Token;
    }

    /// <summary>Says goodbye to all sockets and stops, like on SIGTERM.</summary>
    public Task StopAsync()
    {
        app.Lifetime.StopApplication();
        return app.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.StopAsync();
        var log = Log;
        await app.DisposeAsync();
        folder.Delete(recursive: true);
        Canary.RequireNone("The log", log);
    }

    private static bool IsOfMachine(string category) =>
        category.EndsWith(".LocalSiloHealthMonitor", StringComparison.Ordinal)
        || category.EndsWith(".Watchdog", StringComparison.Ordinal)
        || category.StartsWith("Orleans.Runtime.Scheduler.", StringComparison.Ordinal);

    private static async Task<WebApplication> StartAsync(
        TimeProvider time,
        Dictionary<string, string?> settings
    )
    {
        var builder = SiloHost.NewBuilder();
        builder.Environment.EnvironmentName = Environments.Development;
        builder.Logging.ClearProviders().AddFakeLogging();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddSingleton(time);
        var app = await SiloHost.BuildAsync(builder, CancellationToken.None);
        await app.StartAsync();
        // Orleans remarks on the test process's garbage collector.
        app.Services.GetFakeLogCollector().Clear();
        return app;
    }

    private static Dictionary<string, string?> Settings(
        DirectoryInfo folder,
        StoreUnderTest store,
        (string Key, string Value)[] more
    )
    {
        var settings = new Dictionary<string, string?>
        {
            ["Orchestra:Gateway:Url"] = "http://127.0.0.1:0",
            ["Orchestra:Admin:Url"] = "http://127.0.0.1:0",
            ["Orchestra:DataDirectory"] = folder.FullName,
            ["Orchestra:Contents:Directory"] = Path.Combine(folder.FullName, "contents"),
            ["Orchestra:Cluster:SiloPort"] = $"{SiloPorts.Next()}",
        };
        foreach (var (key, value) in store.Settings)
            settings[key] = value;
        foreach (var (key, value) in more)
            settings[key] = value;
        return settings;
    }

    private sealed record TokenAnswer([property: JsonPropertyName("token")] string Token);
}
