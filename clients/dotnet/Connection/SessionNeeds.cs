using Orchestra.Client.Outbox;

namespace Orchestra.Client.Connection;

/// <summary>What connections have in common, one after another.</summary>
/// <param name="Options">What the app decided.</param>
/// <param name="Events">Whom to tell.</param>
/// <param name="Clock">How old edits are.</param>
/// <param name="Pacing">How much to send at once.</param>
/// <param name="Verify">Whether the app wants to know that nothing differs.</param>
/// <param name="Token">With which this connection was made.</param>
/// <param name="FetchToken">Where the next one comes from.</param>
internal sealed record SessionNeeds(
    ClientOptions Options,
    SessionEvents Events,
    EditClock Clock,
    PushPacing Pacing,
    VerifyRequest Verify,
    string Token,
    Func<CancellationToken, Task<string>> FetchToken
);
