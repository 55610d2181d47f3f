namespace Orchestra.Client.Connection;

/// <summary>How a connection ended.</summary>
/// <param name="IsDone">Nothing was left to do, and that was what it was for.</param>
/// <param name="MadeProgress">Whether it was worth anything, so that waits begin anew.</param>
/// <param name="ReconnectAfter">The server's wish.</param>
/// <param name="Reason">What went wrong, if anything did.</param>
internal sealed record SessionEnd(
    bool IsDone,
    bool MadeProgress,
    TimeSpan? ReconnectAfter,
    Exception? Reason
);
