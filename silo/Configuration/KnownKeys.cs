using System.ComponentModel;
using System.Reflection;

namespace Orchestra.Silo.Configuration;

/// <summary>The keys that exist, read off the options themselves, so that no list can go stale.</summary>
internal static class KnownKeys
{
    public const string Root = "Orchestra";

    private static readonly Dictionary<string, Type> Types = Walk(Root, typeof(OrchestraOptions))
        .ToDictionary(key => key.Key, key => key.Type, StringComparer.OrdinalIgnoreCase);

    public static IReadOnlyCollection<string> All => Types.Keys;

    /// <exception cref="SettingException">A key that is misspelt, or a value of the wrong kind.</exception>
    public static void Require(IConfiguration configuration)
    {
        foreach (var section in configuration.GetChildren())
            if (!IsRoot(section.Key) && NearestKey.Distance(section.Key, Root) <= 2)
                throw Unknown(section.Key, Root);
        foreach (var (key, value) in configuration.GetSection(Root).AsEnumerable())
            if (value is not null)
                Require(key, value);
    }

    private static void Require(string key, string value)
    {
        var (name, isItem) = SplitIndex(key);
        if (!Types.TryGetValue(name, out var type))
            throw Unknown(key, NearestKey.Among(Types.Keys, key));
        if (isItem != typeof(IList<string>).IsAssignableFrom(type))
            throw new SettingException(
                isItem ? $"{name} has one value, not a list." : $"{key} is a list; set {key}:0."
            );
        if (FindFault(type, value) is { } wanted)
            throw new SettingException($"{key} is '{value}', which is not {wanted}.");
    }

    private static string? FindFault(Type type, string value) =>
        TypeDescriptor.GetConverter(type).IsValid(value) ? null
        : type == typeof(int) || type == typeof(long) ? "a whole number"
        : type == typeof(double) ? "a number"
        : type == typeof(bool) ? "true or false"
        : null;

    private static SettingException Unknown(string key, string nearest) =>
        new($"{key} is not a setting; did you mean {nearest}?");

    private static bool IsRoot(string key) => key.Equals(Root, StringComparison.OrdinalIgnoreCase);

    /// <summary>A list's items are numbered: <c>AllowedOrigins:0</c>.</summary>
    private static (string Name, bool IsItem) SplitIndex(string key)
    {
        var colon = key.LastIndexOf(':');
        return int.TryParse(key.AsSpan(colon + 1), out _) ? (key[..colon], true) : (key, false);
    }

    private static IEnumerable<(string Key, Type Type)> Walk(string prefix, Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .SelectMany(property =>
                property.PropertyType.IsClass && property.PropertyType != typeof(string)
                    ? Walk($"{prefix}:{property.Name}", property.PropertyType)
                    : [($"{prefix}:{property.Name}", property.PropertyType)]
            );
}
