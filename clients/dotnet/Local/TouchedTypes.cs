namespace Orchestra.Client.Local;

/// <summary>Of which entity types an app may see other rows once the transaction has committed.</summary>
internal sealed class TouchedTypes
{
    private readonly HashSet<string> names = [];
    private bool areAll;

    public static TouchedTypes All { get; } = new() { areAll = true };

    public bool AreAll => areAll;

    public bool Any => areAll || names.Count > 0;

    public void Add(string entity) => names.Add(entity);

    public void AddAll() => areAll = true;

    public bool Overlaps(IReadOnlySet<string> entities) => areAll || entities.Overlaps(names);
}
