namespace Orchestra.Sync.Relay;

/// <summary>What an owner's devices ask of all gateways together, in one bucket of tokens.</summary>
public interface IRateRelay
{
    /// <summary>
    /// Takes tokens for requests that were served, also when there are none left. Takes a second at
    /// most and never fails: who cannot be asked allows.
    /// </summary>
    /// <param name="owner">Whose bucket.</param>
    /// <param name="rate">The bucket's.</param>
    /// <param name="tokens">How many, 1 to the rate's burst.</param>
    /// <returns>How long nothing more is to be served; zero = there are tokens left.</returns>
    Task<TimeSpan> TakeAsync(OwnerId owner, RequestRate rate, int tokens);
}

/// <summary>How much one owner may ask.</summary>
/// <param name="PerSecond">Requests a second in the long run, 1 or more.</param>
/// <param name="Burst">Requests at once after a rest, 1 or more.</param>
public sealed record RequestRate(int PerSecond, int Burst)
{
    /// <summary>How long an empty bucket takes to be full.</summary>
    public TimeSpan FullAfter => TimeSpan.FromSeconds((double)Burst / PerSecond);
}
