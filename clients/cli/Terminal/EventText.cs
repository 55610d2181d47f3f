using System.Globalization;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Cli.Terminal;

/// <summary>An event of a silo's feed, as a line for people.</summary>
internal static class EventText
{
    /// <exception cref="System.Text.Json.JsonException">No event.</exception>
    public static string ToLine(string json)
    {
        var members = WireCodec.ReadFields(json);
        var at = Timestamps.Read(Text("at")).ToLocalTime();
        return string.Join(
            ' ',
            new[]
            {
                at.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture),
                $"{Text("kind"), -10}",
                Describe(),
                $"owner {Text("owner")}",
                Writer(Text("device")),
            }.Where(part => part.Length > 0)
        );

        string Writer(string device)
        {
            return device.Length == 0 ? ""
                : device == DeviceId.Server.ToString() ? "by the server"
                : $"by {device}";
        }

        string Describe()
        {
            var (detail, count) = (Text("detail").Replace('_', ' '), Text("count"));
            return Text("kind") switch
            {
                "commit" when count == "0" => "no version",
                "commit" => $"v{Text("from")}-{Text("to")} {Plural("change")}",
                "conflict" => $"{detail} {Text("entity")} {Plural("write")}",
                "rejection" => $"{detail} {Plural("change")}",
                _ => detail,
            };

            string Plural(string word)
            {
                return $"{count} {word}{(count == "1" ? "" : "s")}";
            }
        }

        string Text(string name)
        {
            return members.TryGetValue(name, out var value) && !value.IsNull ? $"{value}" : "";
        }
    }
}
