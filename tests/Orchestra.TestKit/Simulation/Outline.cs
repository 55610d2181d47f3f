using System.Text;
using System.Text.RegularExpressions;
using Orchestra.Sync.Wire;

namespace Orchestra.TestKit.Simulation;

/// <summary>A message for the trace, without what the server makes up: ids of sessions and traces.</summary>
internal static partial class Outline
{
    private const int Longest = 120;

    public static string Of(ClientMessage message) =>
        Of(Encoding.UTF8.GetString(WireCodec.Write(message)));

    public static string Of(string message)
    {
        var text = Uuid().Replace(Trace().Replace(message, ""), "…");
        return text.Length <= Longest ? text : text[..Longest];
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uuid();

    [GeneratedRegex(",\"trace\":\"[0-9a-f]*\"")]
    private static partial Regex Trace();
}
