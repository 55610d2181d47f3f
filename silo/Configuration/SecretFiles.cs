namespace Orchestra.Silo.Configuration;

/// <summary>
/// Settings that are files of a folder, one each, the way Kubernetes and Compose hand out secrets: the
/// file's name is the key with <c>__</c> for each colon, its text the value.
/// </summary>
internal static class SecretFiles
{
    private const string Key = "Orchestra:SecretsDirectory";

    /// <summary>They go before everything else that was set.</summary>
    /// <exception cref="SettingException">The folder is not there, or cannot be read.</exception>
    public static void AddSecretFiles(this IConfigurationBuilder builder, string? directory)
    {
        if (string.IsNullOrEmpty(directory))
            return;
        var path = Path.GetFullPath(directory);
        if (!Directory.Exists(path))
            throw new SettingException($"{Key} is {path}, which is no folder.");
        try
        {
            builder.AddKeyPerFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"{Key} {path} cannot be read: {e.Message}");
        }
    }

    /// <summary>The folder that is named, if one is.</summary>
    public static string? DirectoryOf(IConfiguration configuration) => configuration[Key];
}
