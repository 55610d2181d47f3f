using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;
using Orleans.Runtime;

namespace Orchestra.Gateway.Errors;

/// <summary>What a client is told, and the code that decides what its door does.</summary>
internal readonly record struct ErrorReply(ErrorCode Code, ErrorMessage Message);

/// <summary>
/// Turns whatever went wrong into what a client may see of it. What nobody expected is logged under
/// the trace id that the client gets, and becomes <c>internal</c> without a word of its own.
/// </summary>
internal sealed class ErrorAnswers(ILogger<ErrorAnswers> log)
{
    public ErrorReply ToReply(Exception fault, long? answers = null)
    {
        var trace = NewTrace();
        var error = Describe(fault, trace);
        GatewayMeter.Fail(error.Code);
        var message = new ErrorMessage(
            error.Code.Name(),
            error.Code.IsRetryable(),
            error.Message,
            error.Field,
            error.ExpectedSeq,
            (long?)error.RetryAfter?.TotalMilliseconds,
            trace,
            answers
        );
        return new ErrorReply(error.Code, message);
    }

    private SyncException Describe(Exception fault, string trace)
    {
        switch (fault)
        {
            case SyncException error:
                return error;
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return Refusals.FrameTooLarge();
            case BadHttpRequestException:
                return new SyncException(ErrorCode.Malformed, "The HTTP request cannot be read");
            case TimeoutException:
                log.RequestTimedOut(trace, fault);
                return new SyncException(ErrorCode.Overloaded, "The server is too busy right now");
            case OrleansException:
                log.RequestUnserved(trace, fault);
                return new SyncException(ErrorCode.Overloaded, "The server is busy changing places")
                {
                    RetryAfter = TimeSpan.FromSeconds(1),
                };
            default:
                log.RequestFailed(trace, fault);
                return new SyncException(ErrorCode.Internal, "Something went wrong in the server");
        }
    }

    private static string NewTrace() =>
        (Activity.Current?.TraceId ?? ActivityTraceId.CreateRandom()).ToHexString();
}
