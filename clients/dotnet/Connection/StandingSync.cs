namespace Orchestra.Client.Connection;

/// <summary>
/// Sync for as long as an app runs. What waiting does not cure ends no app: it shows in the status,
/// and after a while it is tried again, for somebody may have done something.
/// </summary>
internal static class StandingSync
{
    /// <param name="run">One try, until it fails or is cancelled.</param>
    /// <param name="options">How long to wait after it, and on whose clock.</param>
    /// <param name="onEnded">Hears why a try has ended.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task RunAsync(
        Func<CancellationToken, Task> run,
        ClientOptions options,
        Action<Exception> onEnded,
        CancellationToken cancel
    )
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await run(cancel);
            }
            catch (Exception error) when (!cancel.IsCancellationRequested)
            {
                onEnded(error);
            }
            await Task.Delay(options.LongestRetry, options.Time, cancel);
        }
    }
}
