using Orchestra.Gateway.Errors;
using Orchestra.Sync;

namespace Orchestra.Gateway.Authentication;

/// <summary>Who a valid token speaks for, and until when.</summary>
/// <param name="Owner">The token's subject: the only source of whose data is touched.</param>
/// <param name="ExpiresAt">When the token ends.</param>
internal sealed record Caller(OwnerId Owner, DateTimeOffset ExpiresAt)
{
    /// <exception cref="Sync.Errors.SyncException">
    /// <c>forbidden</c>, in the same words whether or not that owner exists.
    /// </exception>
    public void RequireOwner(OwnerId owner)
    {
        if (owner != Owner)
            throw Refusals.Forbidden();
    }
}
