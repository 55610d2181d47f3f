using Orchestra.Sync.Errors;
using Polly;
using Polly.Retry;

namespace Orchestra.Client.Connection;

/// <summary>
/// How a device tries a server again: with growing waits and jitter, unless the server says when, and
/// only for what can succeed later without anybody's doing.
/// </summary>
internal static class Retries
{
    /// <param name="options">How long to wait, and on whose clock.</param>
    /// <param name="attempts">How often after the first time; 0 = never.</param>
    /// <param name="onRetry">Hears why, before each wait.</param>
    public static ResiliencePipeline Build(
        ClientOptions options,
        int attempts,
        Action<Exception?>? onRetry = null
    ) =>
        attempts == 0
            ? ResiliencePipeline.Empty
            : new ResiliencePipelineBuilder { TimeProvider = options.Time }
                .AddRetry(
                    new RetryStrategyOptions
                    {
                        ShouldHandle = args =>
                            ValueTask.FromResult(
                                args.Outcome.Exception is { } error
                                    && ConnectionError.IsTransient(error)
                            ),
                        MaxRetryAttempts = attempts,
                        BackoffType = DelayBackoffType.Exponential,
                        UseJitter = true,
                        Randomizer = options.Surroundings.Chance,
                        Delay = options.FirstRetry,
                        MaxDelay = options.LongestRetry,
                        DelayGenerator = args =>
                            ValueTask.FromResult(
                                (args.Outcome.Exception as SyncException)?.RetryAfter
                            ),
                        OnRetry = args =>
                        {
                            onRetry?.Invoke(args.Outcome.Exception);
                            return ValueTask.CompletedTask;
                        },
                    }
                )
                .Build();
}
