namespace Orchestra.Silo.Configuration;

/// <summary>What somebody probably meant, by the number of letters that differ.</summary>
internal static class NearestKey
{
    public static string Among(IEnumerable<string> keys, string typed) =>
        keys.MinBy(key => Distance(key, typed))!;

    /// <summary>Letters to insert, drop or replace, upper and lower case alike (Levenshtein).</summary>
    public static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var isSame =
                    char.ToUpperInvariant(left[i - 1]) == char.ToUpperInvariant(right[j - 1]);
                var replaced = diagonal + (isSame ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[right.Length];
    }
}
