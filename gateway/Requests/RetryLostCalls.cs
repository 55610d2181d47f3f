using Orchestra.Grains.Interfaces;
using Orleans.Runtime;
using Polly;
using Polly.Retry;

namespace Orchestra.Gateway.Requests;

/// <summary>
/// Calls again what a silo took with it when it left or died. Every call of a gateway may be made
/// twice: a push that did happen is answered as a duplicate, with its first verdicts. Calls that time
/// out are not made again, or an overloaded cluster would be asked ever more.
/// </summary>
internal sealed class RetryLostCalls : IOutgoingGrainCallFilter
{
    /// <summary>Some eight seconds in all, which is longer than it takes to give a silo up.</summary>
    private const int Attempts = 12;

    private static readonly HashSet<Type> Grains =
    [
        typeof(ISyncGrain),
        typeof(IStoreReaderGrain),
        typeof(IClusterGrain),
    ];

    private readonly ResiliencePipeline pipeline;

    public RetryLostCalls(TimeProvider time) =>
        pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(
                new RetryStrategyOptions
                {
                    ShouldHandle = new PredicateBuilder()
                        .Handle<SiloUnavailableException>()
                        .Handle<OrleansMessageRejectionException>(),
                    MaxRetryAttempts = Attempts,
                    BackoffType = DelayBackoffType.Exponential,
                    Delay = TimeSpan.FromMilliseconds(50),
                    MaxDelay = TimeSpan.FromSeconds(1),
                    UseJitter = true,
                }
            )
            .Build();

    public Task Invoke(IOutgoingGrainCallContext context) =>
        Grains.Contains(context.InterfaceMethod.DeclaringType!)
            ? pipeline
                .ExecuteAsync(static (call, _) => new ValueTask(call.Invoke()), context)
                .AsTask()
            : context.Invoke();
}
