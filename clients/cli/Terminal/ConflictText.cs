using Orchestra.Client;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Cli.Terminal;

/// <summary>A change that lost, as a line for people or for programs.</summary>
internal static class ConflictText
{
    public static IReadOnlyList<string> ToCells(LocalConflict conflict) =>
        [
            conflict.Change.ToString(),
            Name(conflict.Verdict),
            conflict.Entity,
            conflict.RowId,
            Name(conflict.Op),
            Reason(conflict),
            WireCodec.WriteFields(conflict.Fields),
        ];

    public static string ToJson(LocalConflict conflict) =>
        JsonLine.Of(
            ("change", conflict.Change),
            ("verdict", Name(conflict.Verdict)),
            ("entity", conflict.Entity),
            ("id", conflict.RowId),
            ("op", Name(conflict.Op)),
            ("version", conflict.Version),
            ("code", conflict.Code),
            ("message", conflict.Message),
            ("field", conflict.Field),
            ("fields", conflict.Fields),
            ("winning", conflict.Winning)
        );

    /// <summary>Why the server refused it; empty if it did not.</summary>
    public static string Reason(LocalConflict conflict) =>
        conflict.Code is null ? "" : $"{conflict.Code} {conflict.Field}: {conflict.Message}";

    public static string Name<T>(T value)
        where T : struct, Enum => EnumNames<T>.Write(value);
}
