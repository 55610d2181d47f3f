using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Orchestra.Tests.Client.Live;

/// <summary>What some companies have between their people and the internet: no WebSockets.</summary>
internal sealed class UpgradeRefusingProxy : IAsyncDisposable
{
    private readonly HttpClient behind;
    private readonly WebApplication host;
    private int requests;

    private UpgradeRefusingProxy(Uri server)
    {
        behind = new HttpClient { BaseAddress = server };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        host = builder.Build();
        host.Urls.Add("http://127.0.0.1:0");
        host.Run(ServeAsync);
    }

    public Uri Address => new(host.Urls.Single());

    /// <summary>Requests that were let through.</summary>
    public int Requests => Volatile.Read(ref requests);

    public static async Task<UpgradeRefusingProxy> StartAsync(Uri server)
    {
        var proxy = new UpgradeRefusingProxy(server);
        await proxy.host.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        behind.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        if (context.Request.Headers.Upgrade.Count > 0)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }
        Interlocked.Increment(ref requests);
        using var request = new HttpRequestMessage(
            new HttpMethod(context.Request.Method),
            context.Request.Path + context.Request.QueryString
        );
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            (string?)context.Request.Headers.Authorization
        );
        if (HttpMethods.IsPost(context.Request.Method))
            request.Content = new StreamContent(context.Request.Body);
        using var answer = await behind.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
