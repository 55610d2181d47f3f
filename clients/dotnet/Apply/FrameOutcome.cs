using Orchestra.Sync.Wire;

namespace Orchestra.Client.Apply;

/// <summary>What became of a frame.</summary>
internal enum FrameOutcome
{
    /// <summary>Its rows and the cursor are in.</summary>
    Applied,

    /// <summary>All of it was here already.</summary>
    Known,

    /// <summary>Of another history; it says nothing about this one.</summary>
    Foreign,

    /// <summary>Something before it is missing.</summary>
    Gap,
}

/// <param name="Outcome">What became of it.</param>
/// <param name="Entries">Those of its entries that were new.</param>
internal sealed record AppliedFrame(FrameOutcome Outcome, IReadOnlyList<WireEntry> Entries)
{
    public static AppliedFrame Nothing(FrameOutcome outcome) => new(outcome, []);
}
