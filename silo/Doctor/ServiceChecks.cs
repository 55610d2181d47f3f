using System.Diagnostics;
using System.Security.Cryptography;
using Orchestra.Database.Redis;
using Orchestra.Silo.Configuration;
using Orchestra.Silo.Hosting;
using Orchestra.Sync;
using Orchestra.Sync.Contents;
using Orchestra.Sync.Errors;
using ErrorCode = Orchestra.Sync.Errors.ErrorCode;

namespace Orchestra.Silo.Doctor;

/// <summary>Whether what silos use besides the database does what they need.</summary>
internal static class ServiceChecks
{
    /// <summary>Nobody's: the version is one that no owner's id has.</summary>
    private static readonly OwnerId Nobody = new(new("00000000-0000-0000-0000-00000000d0c5"));

    public static async Task<Finding> OfRedisAsync(string connectionString, TimeProvider time)
    {
        const string Check = "redis";
        await using var redis = await RedisConnection.OpenAsync(connectionString, time);
        var fault = await redis.FindFaultAsync();
        return fault is null
            ? Finding.Ok(Check, "it answers, and lets in whoever is to use it")
            : Finding.Warning(
                Check,
                $"{fault}: other clusters' changes arrive within 30 seconds",
                "Look at Redis, the way to it, and its ACL; operating.md lists the rights."
            );
    }

    /// <summary>Keeps something, reads it and deletes it, as for an owner that nobody is.</summary>
    public static async Task<Finding> OfContentsAsync(
        ContentSettings settings,
        CancellationToken cancellation
    )
    {
        const string Check = "contents";
        var contents = ContentSetup.Open(settings);
        if (contents is null)
            return Finding.Ok(Check, "none are kept");
        var where = settings.Directory ?? $"the bucket {settings.Bucket}";
        using (contents as IDisposable)
        {
            try
            {
                var watch = Stopwatch.StartNew();
                await TryAsync(contents, cancellation);
                return Finding.Ok(
                    Check,
                    $"kept, read and deleted in {where} within {watch.ElapsedMilliseconds} ms"
                );
            }
            catch (SyncException e)
            {
                var why = e.InnerException is { } inner ? $": {inner.Message}" : "";
                return Finding.Failed(
                    Check,
                    $"{where}: {e.Message}{why}",
                    "Look at its rights and room; operating.md lists what a bucket must allow."
                );
            }
        }
    }

    private static async Task TryAsync(IContentStore contents, CancellationToken cancellation)
    {
        var bytes = RandomNumberGenerator.GetBytes(64);
        var upload = new Upload(Nobody, ContentHash.Of(SHA256.HashData(bytes)), bytes.Length);
        var state = await contents.ReceiveAsync(upload, 0, new MemoryStream(bytes), cancellation);
        var id = state.Done!.Value;
        await using (
            var read = await contents.OpenAsync(
                Nobody,
                new Content(upload.Hash, upload.Size, id),
                cancellation
            )
        )
            if (read is null)
                throw new SyncException(
                    ErrorCode.StoreUnavailable,
                    "What has just been kept is not there"
                );
        await contents.DeleteAsync(
            new StoredContent(Nobody, upload.Hash, id, upload.Size, default),
            cancellation
        );
    }
}
