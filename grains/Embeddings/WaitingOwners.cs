using System.Diagnostics.CodeAnalysis;
using Orchestra.Sync;

namespace Orchestra.Grains.Embeddings;

/// <summary>Owners in the order in which their turn comes, each once.</summary>
internal sealed class WaitingOwners
{
    private readonly Queue<OwnerId> order = [];
    private readonly HashSet<OwnerId> there = [];

    public int Count => order.Count;

    public void Add(OwnerId owner)
    {
        if (there.Add(owner))
            order.Enqueue(owner);
    }

    public bool TryTake([MaybeNullWhen(false)] out OwnerId owner) =>
        order.TryDequeue(out owner) && there.Remove(owner);
}
