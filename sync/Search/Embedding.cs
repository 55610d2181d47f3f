using Orchestra.Sync.Errors;
using Orleans;

namespace Orchestra.Sync.Search;

/// <summary>Vectors of meaning.</summary>
public static class Embedding
{
    /// <summary>How many numbers a vector has.</summary>
    public const int Dimensions = 1_536;

    /// <summary>A model's name, characters.</summary>
    public const int ModelLength = 120;

    /// <exception cref="SyncException"><c>invalid_value</c></exception>
    public static void Require(float[] vector, string field)
    {
        if (vector.Length != Dimensions)
            throw new SyncException(
                ErrorCode.InvalidValue,
                $"A vector has {Dimensions} numbers",
                field
            );
        // The squares must not add up to more than a float holds, nor to nothing.
        var square = vector.Sum(number => (double)number * number);
        if (!(square is > 1e-30 and < 1e30))
            throw new SyncException(
                ErrorCode.InvalidValue,
                "A vector has finite numbers that are not all zero",
                field
            );
    }
}

/// <summary>A vector that somebody else than the server has computed.</summary>
/// <param name="Row">For which row.</param>
/// <param name="Model">By which model.</param>
/// <param name="TextHash">Of which text, see <see cref="EmbeddedText.Hash"/>.</param>
/// <param name="Vector">The vector.</param>
[GenerateSerializer, Immutable]
public sealed record SuppliedEmbedding(
    [property: Id(0)] RowKey Row,
    [property: Id(1)] string Model,
    [property: Id(2)] string TextHash,
    [property: Id(3)] float[] Vector
);
