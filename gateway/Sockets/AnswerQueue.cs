using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Sockets;

/// <summary>
/// Answers requests in the order in which they came, while several are under way. Bounded: who does
/// not read the answers is told <c>overloaded</c>, and then no longer read from.
/// </summary>
internal sealed class AnswerQueue(Connection connection)
{
    private const int MostUnderWay = 64;

    private Task last = Task.CompletedTask;
    private int underWay;

    /// <param name="answers">The request's <c>ref</c>.</param>
    /// <param name="answer">
    /// Begins the work at once; gets the answer before this one, to wait for if it must.
    /// </param>
    /// <exception cref="SyncException"><c>overloaded</c></exception>
    public void Add(long? answers, Func<Task, Task<ServerMessage>> answer)
    {
        if (Volatile.Read(ref underWay) >= MostUnderWay)
            throw new SyncException(
                ErrorCode.Overloaded,
                $"{MostUnderWay} requests wait for their answers already"
            );
        Interlocked.Increment(ref underWay);
        last = SendAfterAsync(last, answers, answer(last));
    }

    /// <summary>Completes when everything asked so far has been answered.</summary>
    public Task WhenAnswered() => last;

    private async Task SendAfterAsync(Task earlier, long? answers, Task<ServerMessage> answer)
    {
        await earlier;
        try
        {
            await connection.SendAsync(await answer);
        }
        catch (Exception fault)
        {
            await connection.FailAsync(fault, answers);
        }
        Interlocked.Decrement(ref underWay);
    }
}
