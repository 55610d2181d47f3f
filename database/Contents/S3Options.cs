namespace Orchestra.Database.Contents;

/// <summary>Which bucket, and how to reach it.</summary>
/// <param name="Bucket">Its name.</param>
/// <param name="Url">
/// Of the service, as clients reach it too; the bucket is the first part of the path. Null = Amazon's,
/// for the region.
/// </param>
/// <param name="Region">Where it is; signatures name it.</param>
/// <param name="AccessKey">Null = what the environment of the process gives, such as a role.</param>
/// <param name="SecretKey">Likewise.</param>
public sealed record S3Options(
    string Bucket,
    Uri? Url,
    string Region,
    string? AccessKey,
    string? SecretKey
)
{
    /// <summary>How long an address takes an upload to begin. Credentials may end it sooner.</summary>
    public TimeSpan UploadFor { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long an address can be read. Likewise.</summary>
    public TimeSpan ReadFor { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Objects that are listed at a time, 1 to 1,000.</summary>
    public int PageKeys { get; init; } = 1000;

    /// <summary>Without the keys.</summary>
    public override string ToString() => Bucket;
}
