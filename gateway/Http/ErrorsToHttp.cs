using Microsoft.AspNetCore.Http;
using Orchestra.Gateway.Errors;

namespace Orchestra.Gateway.Http;

/// <summary>The HTTP door's edge: whatever went wrong leaves as an error message.</summary>
internal sealed class ErrorsToHttp(ErrorAnswers errors)
{
    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
        catch (Exception fault) when (!context.Response.HasStarted)
        {
            await AnswerAsync(context, fault);
        }
    }

    private async Task AnswerAsync(HttpContext context, Exception fault)
    {
        var (code, message) = errors.ToReply(fault);
        context.Response.StatusCode = ErrorTable.For(code).HttpStatus;
        if (context.Response.StatusCode == StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        if (message.RetryAfterMs is { } wait)
            context.Response.Headers.RetryAfter = $"{(wait + 999) / 1000}";
        await Body.WriteAsync(context, message);
    }
}
