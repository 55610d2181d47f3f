using Orchestra.Client.Local;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Connection;

/// <summary>
/// Asks the server for the digest of what this device takes, once everything is here. Frames carry
/// it only for devices that take all types, so the others ask by themselves.
/// </summary>
internal sealed class Verification(
    IMessageChannel channel,
    LocalDatabase database,
    WelcomeMessage welcome,
    VerifyRequest request
)
{
    /// <summary>Keeps its refs apart from those of pulls and pushes.</summary>
    private const long FirstRef = 2_000_000;

    private long asked = FirstRef;
    private bool isOpen;
    private bool isFirst = true;

    /// <summary>Whether somebody waits for an answer.</summary>
    public bool IsPending => isOpen || request.IsOpen;

    /// <summary>Asks, if there is a reason to and no answer under way.</summary>
    public async Task AskAsync(CancellationToken cancel)
    {
        var state = await database.ReadAsync(local => local.State, cancel);
        var isDue = request.IsOpen || (isFirst && state.Entities is not null);
        if (isOpen || !isDue)
            return;
        (isOpen, isFirst) = (true, false);
        var types = state.Entities ?? await database.ReadAsync(TypesOf, cancel);
        await channel.SendAsync(new VerifyMessage(welcome.User, types, ++asked), cancel);
    }

    /// <summary>An answer about another version than the one that is here is asked for again.</summary>
    public async Task OnVerifiedAsync(VerifiedMessage verified, CancellationToken cancel)
    {
        isOpen = false;
        var cursor = await database.ReadAsync(local => local.State.Cursor, cancel);
        if (cursor.Version == verified.At)
            request.Close();
        else
            isFirst = true;
    }

    private static IReadOnlyList<string> TypesOf(LocalTransaction local) =>
        [.. local.Tables.Catalog.Types.Select(type => type.Name)];
}

/// <summary>That an app wants to know. Outlives connections.</summary>
internal sealed class VerifyRequest
{
    private volatile bool isOpen;

    public bool IsOpen => isOpen;

    public void Open() => isOpen = true;

    public void Close() => isOpen = false;
}
