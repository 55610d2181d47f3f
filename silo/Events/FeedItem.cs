using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Silo.Events;

/// <summary>
/// One message to watchers, as it is sent: a type and an object of JSON. An <c>event</c> is made once
/// for all of them; the others say how the feed is doing.
/// </summary>
/// <param name="Type">Of the server-sent event.</param>
/// <param name="Json">On one line.</param>
/// <param name="Event">What it tells of, for the filters; null for a message about the feed.</param>
internal sealed record FeedItem(string Type, string Json, OperatorEvent? Event = null)
{
    /// <summary>From here on events arrive.</summary>
    public static readonly FeedItem Ready = new("ready", "{}");

    /// <summary>Still there. Sent in silence, so that a dead connection can be told from a quiet one.</summary>
    public static readonly FeedItem Alive = new("alive", "{}");

    /// <summary>A silo joined or left, and what happened meanwhile may be missing.</summary>
    public static readonly FeedItem ClusterChanged = Interrupted("cluster_changed");

    /// <summary>The cluster's stream cannot be read at the moment.</summary>
    public static readonly FeedItem Unavailable = Interrupted("unavailable");

    /// <param name="count">Events that this watcher, or a silo, had no room for.</param>
    public static FeedItem Dropped(long count) =>
        new("dropped", Write(("count", FieldValue.Integer(count))));

    public static FeedItem Of(OperatorEvent happened) =>
        new(
            "event",
            Write(
                ("at", FieldValue.Text(Timestamps.Write(happened.At))),
                ("kind", FieldValue.Text(EnumNames<OperatorEventKind>.Write(happened.Kind))),
                ("owner", FieldValue.Text(happened.Owner.ToString())),
                ("device", Text(happened.Device?.ToString())),
                ("entity", Text(happened.Entity)),
                ("detail", Text(happened.Detail)),
                ("from", Number(happened.From)),
                ("to", Number(happened.To)),
                ("count", FieldValue.Integer(happened.Count))
            ),
            happened
        );

    private static FeedItem Interrupted(string reason) =>
        new("interrupted", Write(("reason", FieldValue.Text(reason))));

    private static string Write(params IEnumerable<(string Name, FieldValue Value)> members) =>
        WireCodec.WriteFields(members.ToDictionary(member => member.Name, member => member.Value));

    private static FieldValue Text(string? text) =>
        text is null ? FieldValue.Null : FieldValue.Text(text);

    private static FieldValue Number(long? number) =>
        number is { } value ? FieldValue.Integer(value) : FieldValue.Null;
}
