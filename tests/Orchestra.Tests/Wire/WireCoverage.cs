using System.Collections;
using System.Reflection;
using System.Text.Json;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Tests.Wire;

/// <summary>Which shapes, members and constants of the wire occur in a set of messages.</summary>
internal sealed class WireCoverage
{
    private static readonly NullabilityInfoContext Nullability = new();

    private readonly HashSet<Type> seen = [];
    private readonly HashSet<Member> present = [];
    private readonly HashSet<Member> absent = [];
    private readonly HashSet<object> constants = [];

    /// <summary>Every record of the wire that can be instantiated.</summary>
    public static IReadOnlyList<Type> Shapes { get; } =
    [.. typeof(WireCodec).Assembly.GetTypes().Where(type => IsShape(type) && !type.IsAbstract)];

    public static IReadOnlyList<Member> Members { get; } =
    [.. Shapes.SelectMany(MembersOf).Select(property => new Member(property))];

    public static IReadOnlyList<Member> Optional { get; } =
    [.. Shapes.SelectMany(MembersOf).Where(IsOptional).Select(property => new Member(property))];

    public IReadOnlySet<Type> Seen => seen;

    public IReadOnlySet<Member> Present => present;

    public IReadOnlySet<Member> Absent => absent;

    public IReadOnlySet<object> Constants => constants;

    public static WireCoverage Of(IEnumerable<object> messages)
    {
        var coverage = new WireCoverage();
        foreach (var message in messages)
            coverage.Walk(message);
        return coverage;
    }

    private void Walk(object value)
    {
        switch (value)
        {
            case Enum:
                constants.Add(value);
                return;
            case FieldValue field:
                constants.Add(field.Kind);
                return;
            case IDictionary fields:
                Walk(fields.Values);
                return;
            case IEnumerable items when value is not string:
                foreach (var item in items)
                    Walk(item);
                return;
        }
        if (!IsShape(value.GetType()))
            return;
        seen.Add(value.GetType());
        foreach (var property in MembersOf(value.GetType()))
        {
            var member = property.GetValue(value);
            (member is null ? absent : present).Add(new(property));
            if (member is not null)
                Walk(member);
        }
    }

    private static IEnumerable<PropertyInfo> MembersOf(Type shape) =>
        shape
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite);

    private static bool IsOptional(PropertyInfo property) =>
        Nullability.Create(property).ReadState == NullabilityState.Nullable;

    private static bool IsShape(Type type) =>
        type.Namespace == typeof(WireCodec).Namespace
        && type is { IsPublic: true, IsClass: true }
        && type.GetMethod("<Clone>$") is not null;
}

/// <summary>A member of a shape, by the type that declares it.</summary>
internal sealed record Member(string Shape, string Name)
{
    public Member(PropertyInfo property)
        : this(
            property.DeclaringType!.Name,
            JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)
        ) { }
}
