using Orchestra.Database.Contents;
using Orchestra.Silo.Configuration;
using Orchestra.Sync.Contents;

namespace Orchestra.Silo.Hosting;

/// <summary>Opens the place where the contents of files are kept.</summary>
internal static class ContentSetup
{
    /// <summary>Where there is none, the server keeps no contents.</summary>
    public static void AddContents(this IServiceCollection services, ContentSettings settings)
    {
        // By way of a factory, because the container closes only what it made.
        if (settings.AreKept)
            services.AddSingleton(_ => Open(settings)!);
    }

    /// <summary>The caller disposes of what needs it.</summary>
    /// <returns>Null where none are kept.</returns>
    public static IContentStore? Open(ContentSettings settings) =>
        settings.Directory is { } directory ? new DirectoryContents(directory)
        : settings.Bucket is { } bucket ? Open(bucket)
        : null;

    /// <summary>
    /// By the machine's clock: what is signed must fit that of the service, whichever the silo goes by.
    /// </summary>
    private static S3Contents Open(BucketSettings bucket) =>
        new(
            new S3Options(
                bucket.Bucket,
                bucket.Url,
                bucket.Region,
                bucket.AccessKey,
                bucket.SecretKey
            ),
            TimeProvider.System
        );
}
