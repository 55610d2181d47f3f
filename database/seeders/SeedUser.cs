using Orchestra.Sync;
using Orchestra.Sync.Decisions;

namespace Orchestra.Database.Seeders;

/// <summary>The ids of one made-up user; every one follows from the seed and a number.</summary>
internal sealed class SeedUser(int seed, int number)
{
    private int rows;
    private int changes;

    public OwnerId Owner { get; } =
        new(NaturalKey.Derive(NaturalKey.Namespace, $"{seed}/{number}"));

    public DeviceId Device => new(NaturalKey.Derive(Owner.Value, "device"));

    /// <summary>A second one, which not everybody has.</summary>
    public DeviceId Phone => new(NaturalKey.Derive(Owner.Value, "phone"));

    /// <summary>What the user's texts are drawn from.</summary>
    public int RandomSeed => unchecked((seed * 1_000_003) + number);

    public Guid NextRow() => NaturalKey.Derive(Owner.Value, $"row/{++rows}");

    public ChangeId NextChange() => new(NaturalKey.Derive(Owner.Value, $"change/{++changes}"));
}
