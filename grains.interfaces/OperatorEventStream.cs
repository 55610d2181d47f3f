using System.Globalization;

namespace Orchestra.Grains.Interfaces;

/// <summary>Where the operators' events are.</summary>
public static class OperatorEventStream
{
    /// <summary>The stream provider's name, on every silo.</summary>
    public const string Provider = "events";

    /// <summary>Of the stream's id.</summary>
    public const string Namespace = "operators";

    /// <summary>
    /// The stream of one membership of the cluster. With every silo that joins or leaves a new one
    /// begins, because who reads and who writes the old one may have been forgotten with a silo.
    /// </summary>
    /// <param name="membership">The membership's version, which all silos come to agree on.</param>
    public static string KeyOf(long membership) =>
        membership.ToString(CultureInfo.InvariantCulture);
}
