namespace Orchestra.Client;

/// <summary>How a device treats the contents of files.</summary>
public sealed record ContentOptions
{
    /// <summary>Where they are cached; null = beside the database.</summary>
    public string? Folder { get; init; }

    /// <summary>
    /// Bytes that the cache may have; what is not safely on the server stays even beyond that.
    /// </summary>
    public long CacheBytes { get; init; } = 1024L * 1024 * 1024;

    /// <summary>Whether to fetch them before anybody asks, as far as the cache has room.</summary>
    public bool FetchAhead { get; init; }

    /// <summary>After which a transfer that does not move is begun anew.</summary>
    public TimeSpan StalledAfter { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>How far one transfer of contents is.</summary>
/// <param name="Hash">Which.</param>
/// <param name="IsUpload">Whether they go to the server.</param>
/// <param name="Bytes">So many are there.</param>
/// <param name="Size">Of so many.</param>
public sealed record ContentProgress(
    Orchestra.Sync.Contents.ContentHash Hash,
    bool IsUpload,
    long Bytes,
    long Size
);

/// <summary>What a device still has to send.</summary>
/// <param name="Pending">How many contents wait.</param>
/// <param name="PendingBytes">Their bytes.</param>
/// <param name="Refused">Those that the server will not take, and why.</param>
/// <param name="CachedBytes">Bytes on this device, those that wait included.</param>
public sealed record ContentStatus(
    long Pending,
    long PendingBytes,
    IReadOnlyList<RefusedContent> Refused,
    long CachedBytes
);

/// <param name="Hash">Which.</param>
/// <param name="Reason">What the server said.</param>
public sealed record RefusedContent(Orchestra.Sync.Contents.ContentHash Hash, string Reason);
