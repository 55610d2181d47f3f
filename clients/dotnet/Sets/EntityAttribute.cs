namespace Orchestra.Client;

/// <summary>Of which entity type the rows are that a class stands for.</summary>
/// <param name="name">The type's name in the catalog, such as <c>projects</c>.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class EntityAttribute(string name) : Attribute
{
    /// <summary>The type's name in the catalog.</summary>
    public string Name { get; } = name;
}
