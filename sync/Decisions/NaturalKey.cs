using System.Security.Cryptography;
using System.Text;
using Orchestra.Sync.Catalog;

namespace Orchestra.Sync.Decisions;

/// <summary>
/// Ids made from what a row is called, so that two devices that never met mean the same row:
/// UUIDv5 (RFC 9562) over the entity type's name and the key's values.
/// </summary>
public static class NaturalKey
{
    /// <summary>The namespace of all ids that Orchestra derives.</summary>
    public static readonly Guid Namespace = new("6f1b7a52-6c3e-5d5f-9a64-0d7c1f0b8e21");

    /// <summary>The id that a row of <paramref name="type"/> with these values must have.</summary>
    public static Guid IdOf(EntityType type, IReadOnlyDictionary<string, FieldValue> fields) =>
        IdOf(type.Name, [.. type.NaturalKey.Select(field => fields[field.Name].ToString())]);

    /// <param name="entity">The entity type's name.</param>
    /// <param name="values">The key's values in the order of the type's fields.</param>
    public static Guid IdOf(string entity, params ReadOnlySpan<string> values) =>
        Derive(Namespace, string.Join('\n', [entity, .. values]));

    /// <summary>UUIDv5 of a name in a namespace.</summary>
    public static Guid Derive(Guid ns, string name)
    {
        var text = Encoding.UTF8.GetBytes(name);
        var input = new byte[16 + text.Length];
        ns.TryWriteBytes(input, bigEndian: true, out _);
        text.CopyTo(input, 16);
#pragma warning disable CA5350 // UUIDv5 is defined on SHA-1; nothing here is a secret.
        var hash = SHA1.HashData(input);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }
}
