namespace Orchestra.Silo.Configuration;

/// <summary>What a process does in the cluster.</summary>
/// <param name="Sync">Owners' grains and the store.</param>
/// <param name="Gateway">Clients' connections.</param>
internal readonly record struct Roles(bool Sync, bool Gateway)
{
    /// <exception cref="SettingException">None, or one that does not exist.</exception>
    public static Roles Parse(string text)
    {
        var names = text.Split(
            ',',
            StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
        );
        if (names.Length == 0 || names.Any(name => name is not ("sync" or "gateway")))
            throw new SettingException(
                $"Orchestra:Roles is '{text}'; it is sync, gateway or sync,gateway."
            );
        return new Roles(names.Contains("sync"), names.Contains("gateway"));
    }
}
