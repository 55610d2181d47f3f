using Orleans;

namespace Orchestra.Grains.Interfaces;

/// <summary>What a process says of itself.</summary>
/// <param name="Process">Host and process id.</param>
/// <param name="Roles">What it does.</param>
/// <param name="Version">Of the program.</param>
/// <param name="StartedAt">By its own clock. What is counted since then begins at 0.</param>
/// <param name="Samples">What it has counted and measured; what is missing is 0.</param>
[GenerateSerializer, Immutable]
public sealed record ProcessReport(
    [property: Id(0)] string Process,
    [property: Id(1)] string Roles,
    [property: Id(2)] string Version,
    [property: Id(3)] DateTimeOffset StartedAt,
    [property: Id(4)] IReadOnlyList<Sample> Samples
);

/// <param name="Name">
/// Of the metric, with the values of its tags after a bar: <c>orchestra.conflicts|superseded</c>. Of a
/// histogram each bucket is one, named by its upper bound: <c>orchestra.push.duration|0.005</c>, the last
/// <c>orchestra.push.duration|inf</c>.
/// </param>
/// <param name="Value">Its value.</param>
/// <param name="IsTotal">Whether it counts what happened since the start and only grows.</param>
[GenerateSerializer, Immutable]
public readonly record struct Sample(
    [property: Id(0)] string Name,
    [property: Id(1)] double Value,
    [property: Id(2)] bool IsTotal
);

/// <summary>The cluster, as its processes have described it.</summary>
/// <param name="Now">By the clock of the silo that answers.</param>
/// <param name="Processes">Those that were heard of lately, also if they are silent now.</param>
/// <param name="Moments">In their order; the one that is under way is not among them.</param>
[GenerateSerializer, Immutable]
public sealed record ClusterOverview(
    [property: Id(0)] DateTimeOffset Now,
    [property: Id(1)] IReadOnlyList<ProcessState> Processes,
    [property: Id(2)] IReadOnlyList<Moment> Moments
)
{
    /// <summary>How long a moment is, and how often processes report.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(5);
}

/// <param name="Report">Its last.</param>
/// <param name="SilentFor">How long ago that came.</param>
[GenerateSerializer, Immutable]
public sealed record ProcessState(
    [property: Id(0)] ProcessReport Report,
    [property: Id(1)] TimeSpan SilentFor
);

/// <summary>What happened in five seconds, in all processes together.</summary>
/// <param name="Number">
/// How many such moments there were from the year 1 on, by the clock of the silo that keeps them, so that
/// it goes on where another left off. One that nobody reported in is missing.
/// </param>
/// <param name="Values">
/// By the samples' names: of what is counted, by how much it grew; of what is measured, the sum over the
/// processes that are not silent. What is 0 is left out.
/// </param>
[GenerateSerializer, Immutable]
public sealed record Moment(
    [property: Id(0)] long Number,
    [property: Id(1)] IReadOnlyDictionary<string, double> Values
);
