using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Orchestra.Sync.Search;

namespace Orchestra.TestKit.Embeddings;

/// <summary>
/// Stands in for a model: the same text has the same vector, of length one, and texts with words in common
/// are near each other.
/// </summary>
public static class WordVectors
{
    private static readonly ConcurrentDictionary<string, float[]> Words = new();

    public static float[] Of(string text)
    {
        var sum = new float[Embedding.Dimensions];
        foreach (
            var word in text.ToLowerInvariant()
                .Split((char[])[' ', '\n', '.', ','], StringSplitOptions.RemoveEmptyEntries)
        )
            Add(sum, Words.GetOrAdd(word, OfWord), 1);
        return Normalize(sum);
    }

    public static void Add(float[] sum, float[] more, float weight)
    {
        for (var i = 0; i < sum.Length; i++)
            sum[i] += weight * more[i];
    }

    public static float[] Normalize(float[] vector)
    {
        var length = MathF.Sqrt(vector.Sum(number => number * number));
        return [.. vector.Select(number => number / length)];
    }

    /// <summary>In any direction.</summary>
    public static float[] Random(Random random)
    {
        var vector = new float[Embedding.Dimensions];
        for (var i = 0; i < vector.Length; i += 2)
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            var angle = 2 * Math.PI * random.NextDouble();
            vector[i] = (float)(radius * Math.Cos(angle));
            vector[i + 1] = (float)(radius * Math.Sin(angle));
        }
        return Normalize(vector);
    }

    private static float[] OfWord(string word) =>
        Random(new(BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes(word)))));
}
