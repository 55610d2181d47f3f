using System.Reflection;

namespace Orchestra.Cli;

internal static class ProductVersion
{
    /// <summary>Without the commit that the build appends after a plus sign.</summary>
    public static readonly string Text = typeof(ProductVersion)
        .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
        .InformationalVersion.Split('+')[0];
}
