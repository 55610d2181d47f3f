namespace Orchestra.Sync.Relay;

/// <summary>
/// Carries hints between clusters that share a store. What it carries may be lost, late, doubled or
/// forged: whoever hears a hint asks the store before anything else.
/// </summary>
public interface IOwnerRelay
{
    /// <summary>
    /// Says to other clusters how far an owner's history goes. Returns at once and never fails; of
    /// several for one owner that have not left yet, the last counts.
    /// </summary>
    void Announce(OwnerId owner, HeadHint head);

    /// <summary>
    /// Calls <paramref name="hear"/> with what other clusters announce for an owner, on any thread
    /// and at any rate, until the result is disposed of. A few more calls may follow that.
    /// </summary>
    IDisposable Listen(OwnerId owner, Action<HeadHint> hear);
}

/// <summary>How far somebody says that a history goes.</summary>
/// <param name="Epoch">Which history; 0 to <see cref="Limits.MaxInteger"/>.</param>
/// <param name="Version">Its last version; 0 to <see cref="Limits.MaxInteger"/>.</param>
public readonly record struct HeadHint(long Epoch, long Version)
{
    /// <summary>Whether it would be news to somebody who knows <paramref name="head"/>.</summary>
    public bool IsBeyond(OwnerHead head) =>
        Epoch > head.Epoch || (Epoch == head.Epoch && Version > head.Version);
}

/// <summary>There is no other cluster, or nothing that connects them.</summary>
public sealed class NoRelay : IOwnerRelay
{
    public void Announce(OwnerId owner, HeadHint head) { }

    public IDisposable Listen(OwnerId owner, Action<HeadHint> hear) => Silence.Instance;

    private sealed class Silence : IDisposable
    {
        public static readonly Silence Instance = new();

        public void Dispose() { }
    }
}
