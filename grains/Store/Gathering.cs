using System.Diagnostics;
using System.Threading.Channels;
using Orchestra.Grains.Measuring;
using Orchestra.Sync.Errors;

namespace Orchestra.Grains.Store;

/// <summary>
/// Turns many callers' requests into few: while one batch is under way, the next gathers. Nobody
/// waits for company; a request that comes alone goes alone.
/// </summary>
internal sealed class Gathering<TRequest, TAnswer> : IAsyncDisposable
{
    /// <summary>Requests that may wait; an owner has one at a time.</summary>
    private const int QueueLength = 4_096;

    private readonly string name;
    private readonly Channel<Waiting> queue = Channel.CreateBounded<Waiting>(QueueLength);
    private readonly Func<IReadOnlyList<TRequest>, Task<IReadOnlyList<TAnswer>>> run;
    private readonly Func<TRequest, int> weigh;
    private readonly int batchWeight;
    private readonly Task loops;

    /// <param name="name">What a batch is called in traces.</param>
    /// <param name="run">Answers a batch, an answer a request; or fails for all of them.</param>
    /// <param name="weigh">What a request adds to its batch.</param>
    /// <param name="batchWeight">How heavy a batch becomes, unless a single request is heavier.</param>
    /// <param name="inFlight">Batches under way at once.</param>
    /// <param name="scheduler">Where they run; null = the thread pool.</param>
    public Gathering(
        string name,
        Func<IReadOnlyList<TRequest>, Task<IReadOnlyList<TAnswer>>> run,
        Func<TRequest, int> weigh,
        int batchWeight,
        int inFlight,
        TaskScheduler? scheduler = null
    )
    {
        this.name = name;
        this.run = run;
        this.weigh = weigh;
        this.batchWeight = batchWeight;
        var threads = new TaskFactory(scheduler ?? TaskScheduler.Default);
        loops = Task.WhenAll(
            Enumerable.Range(0, inFlight).Select(_ => threads.StartNew(LoopAsync).Unwrap())
        );
    }

    /// <exception cref="SyncException"><c>overloaded</c>: the store does not keep up.</exception>
    public Task<TAnswer> AskAsync(TRequest request)
    {
        var waiting = new Waiting(request);
        if (queue.Writer.TryWrite(waiting))
            return waiting.Answer.Task;
        GrainMeter.Overload(GrainMeter.StoreQueue);
        throw new SyncException(ErrorCode.Overloaded, "The store does not keep up")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };
    }

    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await loops;
    }

    private async Task LoopAsync()
    {
        BatchTrace.Leave();
        var batch = new List<Waiting>();
        while (await queue.Reader.WaitToReadAsync())
        {
            batch.Clear();
            var weight = 0;
            while ((batch.Count == 0 || weight < batchWeight) && queue.Reader.TryRead(out var next))
            {
                batch.Add(next);
                weight += weigh(next.Request);
            }
            if (batch.Count > 0)
                await AnswerAsync(batch);
        }
    }

    private async Task AnswerAsync(List<Waiting> batch)
    {
        using var span = BatchTrace.Begin(name, batch, static waiting => waiting.Caller);
        try
        {
            var answers = await run([.. batch.Select(waiting => waiting.Request)]);
            for (var i = 0; i < batch.Count; i++)
                batch[i].Answer.SetResult(answers[i]);
        }
        catch (Exception e)
        {
            span?.SetStatus(ActivityStatusCode.Error);
            foreach (var waiting in batch)
                waiting.Answer.TrySetException(e);
        }
    }

    private sealed record Waiting(TRequest Request)
    {
        public Activity? Caller { get; } = Activity.Current;

        public TaskCompletionSource<TAnswer> Answer { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
