using System.Text.RegularExpressions;

namespace Orchestra.Silo.Configuration;

/// <summary>Where the contents of files are kept, if they are.</summary>
/// <param name="Directory">Absolute; null = in no folder.</param>
/// <param name="Bucket">Null = in no bucket. At most one of the two is set.</param>
/// <param name="MaxBytes">The largest contents that are taken.</param>
/// <param name="Grace">How long those stay that no row names.</param>
internal sealed partial record ContentSettings(
    string? Directory,
    BucketSettings? Bucket,
    long MaxBytes,
    TimeSpan Grace
)
{
    public bool AreKept => Directory is not null || Bucket is not null;

    private const string Key = "Orchestra:Contents";
    private const int MostHours = 876_000;

    /// <summary>For commands that touch contents and not the server.</summary>
    /// <exception cref="SettingException">The first thing that is wrong.</exception>
    public static ContentSettings Read(IConfiguration configuration)
    {
        KnownKeys.Require(configuration);
        var options = new OrchestraOptions();
        configuration.GetSection(KnownKeys.Root).Bind(options);
        return Of(options);
    }

    /// <exception cref="SettingException">The first thing that is wrong.</exception>
    public static ContentSettings Of(OrchestraOptions options)
    {
        var section = options.Contents;
        if (section.MaxBytes < 1)
            throw new SettingException(
                $"{Key}:MaxBytes is {section.MaxBytes}, which is not 1 or more."
            );
        if (section.GraceHours is < 1 or > MostHours)
            throw new SettingException(
                $"{Key}:GraceHours is {section.GraceHours}, which is not 1 to {MostHours}."
            );
        var bucket = BucketOf(section.S3);
        if (bucket is not null && section.Directory is { Length: > 0 })
            throw new SettingException(
                $"{Key}:Directory and {Key}:S3:Bucket are both set; contents are kept in one place."
            );
        return new(
            bucket is null ? DirectoryOf(options) : null,
            bucket,
            section.MaxBytes,
            TimeSpan.FromHours(section.GraceHours)
        );
    }

    private static string? DirectoryOf(OrchestraOptions options) =>
        options.Contents.Directory is { Length: > 0 } directory ? Path.GetFullPath(directory)
        : options.Postgres.ConnectionString is null
            ? Path.Combine(Path.GetFullPath(options.DataDirectory), "contents")
        : null;

    private static BucketSettings? BucketOf(BucketSection section)
    {
        if (section.Bucket is not { Length: > 0 } bucket)
            return null;
        if (!BucketName().IsMatch(bucket))
            throw new SettingException(
                $"{Key}:S3:Bucket is '{bucket}', which is no bucket's name."
            );
        if (!RegionName().IsMatch(section.Region))
            throw new SettingException(
                $"{Key}:S3:Region is '{section.Region}', which is no region."
            );
        Uri? url = null;
        // It is not shown, because somebody may have written a key into it.
        if (
            section.Url is { } text
            && !(Uri.TryCreate(text, UriKind.Absolute, out url) && IsPlain(url))
        )
            throw new SettingException(
                $"{Key}:S3:Url is not of the form https://s3.example, with nothing behind it."
            );
        return section.AccessKey is null == section.SecretKey is null
            ? new(bucket, url, section.Region, section.AccessKey, section.SecretKey)
            : throw new SettingException(
                $"{Key}:S3:AccessKey and {Key}:S3:SecretKey belong together; one of them is missing."
            );
    }

    private static bool IsPlain(Uri url) =>
        url is { Scheme: "http" or "https", UserInfo: "", PathAndQuery: "/", Fragment: "" };

    /// <summary>What all services take.</summary>
    [GeneratedRegex(@"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\z")]
    private static partial Regex BucketName();

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]*\z")]
    private static partial Regex RegionName();
}

/// <param name="Bucket">Its name.</param>
/// <param name="Url">Of the service; null = Amazon's.</param>
/// <param name="Region">Where it is.</param>
/// <param name="AccessKey">Null = what the environment gives.</param>
/// <param name="SecretKey">Likewise; never shown.</param>
internal sealed record BucketSettings(
    string Bucket,
    Uri? Url,
    string Region,
    string? AccessKey,
    string? SecretKey
)
{
    /// <summary>Without the keys.</summary>
    public override string ToString() => Bucket;
}
