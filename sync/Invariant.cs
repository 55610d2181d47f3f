using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Orchestra.Sync;

/// <summary>What must hold for the data to be right. Checked in production too.</summary>
public static class Invariant
{
    /// <exception cref="InvariantException">It does not hold; whoever owns the state must drop it.</exception>
    public static void Require(
        [DoesNotReturnIf(false)] bool holds,
        [CallerArgumentExpression(nameof(holds))] string? what = null
    )
    {
        if (!holds)
            throw new InvariantException($"Invariant broken: {what}");
    }
}

/// <summary>A state that must not exist.</summary>
public sealed class InvariantException(string message) : Exception(message);
