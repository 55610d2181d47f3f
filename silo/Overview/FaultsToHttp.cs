using Orchestra.Sync.Errors;
using ErrorCode = Orchestra.Sync.Errors.ErrorCode;

namespace Orchestra.Silo.Overview;

/// <summary>What cannot be had is told in a sentence.</summary>
internal sealed class FaultsToHttp : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(
        EndpointFilterInvocationContext context,
        EndpointFilterDelegate next
    )
    {
        try
        {
            return await next(context);
        }
        catch (SyncException e)
        {
            return TypedResults.Text(
                $"{e.Message}.",
                statusCode: e.Code == ErrorCode.NotFound
                    ? StatusCodes.Status404NotFound
                    : StatusCodes.Status503ServiceUnavailable
            );
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return TypedResults.Text(
                "The cluster does not answer at the moment.",
                statusCode: StatusCodes.Status503ServiceUnavailable
            );
        }
    }
}
