namespace Orchestra.Tests.Cluster.Plans;

/// <summary>Indexes that no statement of the engine reads, each with its reason.</summary>
internal static class Awaiting
{
    private static readonly Dictionary<string, string> Reasons = new()
    {
        ["schema_migration_pkey"] =
            "keeps a migration from being recorded twice; the table is tiny",
        ["sync_entity_pkey"] = "a foreign key leads to it; the catalog is read whole, at the start",
        ["sync_field_rule_pkey"] = "keeps a rule from being given twice; read whole, at the start",
        ["users_pkey"] = "keeps an owner's profile the only one; by version it is found as well",
    };

    public static IReadOnlyCollection<string> All => Reasons.Keys;

    public static bool Contains(string index) => Reasons.ContainsKey(index);
}
