using Orchestra.Sync;
using Orchestra.Sync.Contents;

namespace Orchestra.Database.Contents;

/// <summary>
/// What objects are called: <c>contents/{owner}/{hash}/{upload}</c>, and what a client sends straight to
/// the bucket <c>pending/{owner}/{hash}</c> until it was verified.
/// </summary>
internal static class S3Keys
{
    public const string Contents = "contents/";
    public const string Pending = "pending/";

    public static string Of(OwnerId owner, ContentHash hash, Guid upload) =>
        $"{Contents}{owner}/{hash}/{upload:N}";

    public static string OfPending(OwnerId owner, ContentHash hash) => $"{Pending}{owner}/{hash}";

    /// <returns>Null if it is no name of ours.</returns>
    public static StoredContent? Read(string key, long size, DateTimeOffset at)
    {
        var parts = key.Split('/');
        var isPending = parts is ["pending", _, _];
        if (!isPending && parts is not ["contents", _, _, _])
            return null;
        var upload = Guid.Empty;
        return
            Guid.TryParseExact(parts[1], "D", out var owner)
            && ContentHash.TryParse(parts[2], out var hash)
            && (isPending || Guid.TryParseExact(parts[3], "N", out upload))
            ? new(new OwnerId(owner), hash, isPending ? null : upload, size, at)
            : null;
    }
}
