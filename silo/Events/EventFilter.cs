using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Primitives;
using Orchestra.Grains.Interfaces;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Silo.Events;

/// <summary>Which events a watcher wants.</summary>
/// <param name="Owner">Null = everybody's.</param>
/// <param name="Kinds">Null = all.</param>
internal sealed record EventFilter(OwnerId? Owner, IReadOnlySet<OperatorEventKind>? Kinds)
{
    public bool Matches(OperatorEvent happened) =>
        (Owner is null || Owner == happened.Owner) && Kinds?.Contains(happened.Kind) != false;

    /// <param name="query">
    /// <c>owner</c>: a UUID; <c>kind</c>: names with commas between them. Each at most once; empty is
    /// as good as missing.
    /// </param>
    /// <param name="filter">What it asks for.</param>
    /// <param name="complaint">Why not, as a sentence.</param>
    public static bool TryRead(
        IQueryCollection query,
        [NotNullWhen(true)] out EventFilter? filter,
        [NotNullWhen(false)] out string? complaint
    )
    {
        OwnerId? owner = null;
        HashSet<OperatorEventKind>? kinds = null;
        complaint =
            query.Keys.Any(key => key is not ("owner" or "kind"))
                ? "The parameters are owner and kind."
            : !TryReadOwner(query["owner"], out owner)
                ? "owner is one UUID, in lower case and with hyphens."
            : !TryReadKinds(query["kind"], out kinds)
                ? $"kind is one or more of {string.Join(", ", EnumNames<OperatorEventKind>.All)}, "
                    + "with commas between them."
            : null;
        filter = complaint is null ? new EventFilter(owner, kinds) : null;
        return filter is not null;
    }

    private static bool TryReadOwner(StringValues given, out OwnerId? owner)
    {
        owner = null;
        if (given.Count > 1)
            return false;
        if (StringValues.IsNullOrEmpty(given))
            return true;
        if (!CanonicalUuid.TryParse(given, out var id))
            return false;
        owner = new OwnerId(id);
        return true;
    }

    private static bool TryReadKinds(StringValues given, out HashSet<OperatorEventKind>? kinds)
    {
        kinds = null;
        if (given.Count > 1)
            return false;
        if (StringValues.IsNullOrEmpty(given))
            return true;
        kinds = [];
        foreach (var name in given.ToString().Split(','))
        {
            if (!EnumNames<OperatorEventKind>.TryRead(name, out var kind))
                return false;
            kinds.Add(kind);
        }
        return true;
    }
}
