using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using Orchestra.Client.Sets;

namespace Orchestra.Client;

/// <content>Rows as objects of the app's own classes.</content>
public sealed partial class OrchestraClient
{
    /// <summary>
    /// The rows that a class stands for, if it says so by an <see cref="EntityAttribute"/> and is in
    /// <see cref="ClientOptions.Types"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is not.</exception>
    public EntitySet<T> Set<T>() =>
        Set(
            typeof(T).GetCustomAttribute<EntityAttribute>()?.Name
                ?? throw new InvalidOperationException($"{typeof(T)} has no [Entity] attribute"),
            options.Types?.GetTypeInfo(typeof(T)) as JsonTypeInfo<T>
                ?? throw new InvalidOperationException(
                    $"ClientOptions.Types has no [JsonSerializable(typeof({typeof(T).Name}))]"
                )
        );

    /// <summary>The rows of a type as objects of a class.</summary>
    /// <param name="entity">The entity type, such as <c>projects</c>.</param>
    /// <param name="type">
    /// The class's compiled JSON, with names in snake_case: <c>AppJson.Default.Project</c>.
    /// </param>
    /// <exception cref="ArgumentException">The class has no <c>id</c>.</exception>
    public EntitySet<T> Set<T>(string entity, JsonTypeInfo<T> type) =>
        new(entity, this, database, (RowShape<T>)shapes.GetOrAdd(type, _ => new RowShape<T>(type)));
}
