namespace Orchestra.Silo.Hosting;

/// <summary>A gateway that is started before the cluster waits for it, and says so.</summary>
internal sealed partial class ClusterPatience(ILogger<ClusterPatience> logger)
    : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private bool hasSaidSo;

    public async Task<bool> ShouldRetryConnectionAttempt(
        Exception exception,
        CancellationToken cancellationToken
    )
    {
        if (!hasSaidSo)
            Waiting(logger, exception.Message);
        hasSaidSo = true;
        await Task.Delay(Pause, cancellationToken);
        return true;
    }

    [LoggerMessage(
        1,
        LogLevel.Warning,
        "No silo of the cluster can be reached; trying again until one can: {Reason}"
    )]
    private static partial void Waiting(ILogger logger, string reason);
}
