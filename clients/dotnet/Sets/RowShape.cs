using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Sets;

/// <summary>
/// How an app's class stands for a row: by the compiled metadata of its JSON, so that nothing is
/// looked up by reflection when the app runs. <c>id</c> is the row's id; <c>version</c>, if there is
/// one, is only ever read; what else there is are fields.
/// </summary>
internal sealed class RowShape<T>
{
    private const string Id = "id";
    private const string Version = "version";

    private readonly JsonTypeInfo<T> type;
    private readonly Dictionary<string, Member> members;

    /// <exception cref="ArgumentException">The class is no JSON object with an <c>id</c>.</exception>
    public RowShape(JsonTypeInfo<T> type)
    {
        this.type = type;
        type.MakeReadOnly();
        members = type.Properties.ToDictionary(item => item.Name, item => new Member(item));
        if (type.Kind != JsonTypeInfoKind.Object || !members.ContainsKey(Id))
            throw new ArgumentException(
                $"{typeof(T)} has no property that is called id in JSON; name its properties in "
                    + "snake_case by the context's PropertyNamingPolicy",
                nameof(type)
            );
    }

    /// <exception cref="ArgumentException">It has no id.</exception>
    public Guid IdOf(T entity) => ReadId(ToValues(entity));

    /// <summary>The edit that makes the row what the entity says, null where it has null.</summary>
    /// <exception cref="ArgumentException">It has no id.</exception>
    public Edit ToEdit(string name, T entity)
    {
        var values = ToValues(entity);
        var id = ReadId(values);
        values.Remove(Id);
        values.Remove(Version);
        foreach (var member in members.Values)
        {
            if (values.TryGetValue(member.Name, out var value))
                values[member.Name] = member.IsTime ? InUtc(value) : value;
            else if (member.Name is not (Id or Version) && member.IsNullIn(entity!))
                // The serializer was told to leave nulls out.
                values[member.Name] = FieldValue.Null;
        }
        return Edit.Put(name, id, values);
    }

    public T FromRow(EntityRow row)
    {
        var values = row
            .Fields.Where(pair => Takes(pair.Key, pair.Value))
            .ToDictionary(pair => pair.Key, pair => pair.Value);
        values[Id] = FieldValue.Text(row.Id.ToString());
        if (members.ContainsKey(Version))
            values[Version] = FieldValue.Integer(row.Version);
        return JsonSerializer.Deserialize(WireCodec.WriteFields(values), type)!;
    }

    private bool Takes(string field, FieldValue value) =>
        members.TryGetValue(field, out var member)
        && (!value.IsNull || member.TakesNull || member.IsRequired);

    private Dictionary<string, FieldValue> ToValues(T entity) =>
        new(WireCodec.ReadFields(JsonSerializer.Serialize(entity, type)));

    private static Guid ReadId(Dictionary<string, FieldValue> values) =>
        values.TryGetValue(Id, out var value)
        && value.Kind == FieldValueKind.Text
        && Guid.TryParse(value.AsText(), out var id)
        && id != Guid.Empty
            ? id
            : throw new ArgumentException($"This {typeof(T)} has no id: give it a new Guid");

    /// <summary>The serializer writes times with their offset, the catalog wants them in UTC.</summary>
    private static FieldValue InUtc(FieldValue value) =>
        value.Kind == FieldValueKind.Text
        && DateTimeOffset.TryParse(
            value.AsText(),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var time
        )
            ? FieldValue.Text(Timestamps.Write(time))
            : value;
}
