namespace Orchestra.Database.Postgres;

/// <summary>A place in a walk over all owners, in the order of their ids.</summary>
/// <param name="Last">The last owner who was visited.</param>
/// <param name="Condition">What <c>owner_id</c> must be, compared with him: nobody was before.</param>
internal readonly record struct OwnerCursor(Guid Last, string Condition)
{
    public static readonly OwnerCursor Start = new(Guid.Empty, ">=");

    public static OwnerCursor After(Guid owner) => new(owner, ">");
}
