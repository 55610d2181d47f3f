using Orchestra.Sync.Errors;
using Orleans;

namespace Orchestra.Grains;

/// <summary>
/// A fault leaves its grain without what caused it: that is a driver's exception, which Orleans cannot
/// take to another process, so the caller would be told of a codec and not of the fault. The store has
/// written the cause to the log.
/// </summary>
internal sealed class FaultsWithoutCauses : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (SyncException e) when (e.InnerException is not null)
        {
            throw new SyncException(e.Code, e.Message, e.Field)
            {
                ExpectedSeq = e.ExpectedSeq,
                RetryAfter = e.RetryAfter,
            };
        }
    }
}
