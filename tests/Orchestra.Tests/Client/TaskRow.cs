using System.Text.Json.Serialization;
using Orchestra.Client;

namespace Orchestra.Tests.Client;

/// <summary>A class as an app writes it.</summary>
[Entity("tasks")]
internal sealed record TaskRow
{
    public Guid Id { get; init; }

    public required string Title { get; init; }

    public string? Detail { get; init; }

    public int Urgency { get; init; }

    public double? EstimateHours { get; init; }

    public bool Done { get; init; }

    public DateTimeOffset? DueAt { get; init; }

    public string Color { get; set; } = "none";

    public Guid? ProjectId { get; init; }

    public TaskLabels? Labels { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public long Version { get; init; }
}

internal sealed record TaskLabels(IReadOnlyList<string> Names);

internal sealed record ProjectRow(Guid Id, string Name, string? Description = null);

/// <summary>Has a name that the catalog does not know.</summary>
[Entity("tasks")]
internal sealed record OddTask(Guid Id, string Title, string Smell);

internal sealed record Nameless(Guid Id);

[Entity("tasks")]
internal sealed record Unregistered(Guid Id);

internal sealed record WithoutId(string Title);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(TaskRow))]
[JsonSerializable(typeof(ProjectRow))]
[JsonSerializable(typeof(OddTask))]
[JsonSerializable(typeof(Nameless))]
[JsonSerializable(typeof(WithoutId))]
internal sealed partial class TaskJson : JsonSerializerContext;
