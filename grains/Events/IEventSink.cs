using Orchestra.Grains.Interfaces;

namespace Orchestra.Grains.Events;

/// <summary>
/// Takes what operators may want to know. Never waits, never throws: whoever calls is on a commit's
/// way.
/// </summary>
/// <remarks>A silo's is the <see cref="EventBuffer"/>; a simulation has <see cref="NoEvents"/>.</remarks>
public interface IEventSink
{
    /// <summary>Whether anybody looks. If not, an event need not even be made.</summary>
    bool IsWatched { get; }

    void Add(OperatorEvent happened);
}

/// <summary>Where nobody ever looks.</summary>
public sealed class NoEvents : IEventSink
{
    public static readonly NoEvents Instance = new();

    public bool IsWatched => false;

    public void Add(OperatorEvent happened) { }
}
