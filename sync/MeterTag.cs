namespace Orchestra.Sync;

/// <summary>
/// What a number is told apart by: one of a few words. Never an id, nor anything that a user wrote.
/// </summary>
public static class MeterTag
{
    public static KeyValuePair<string, object?> Of(string name, string word) => new(name, word);
}
