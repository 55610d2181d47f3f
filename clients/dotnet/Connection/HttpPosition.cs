using System.Globalization;
using Orchestra.Sync;
using Orchestra.Sync.Wire;

namespace Orchestra.Client.Connection;

/// <summary>Where the stream of changes is to go on, where the device has to ask for it.</summary>
/// <param name="Owner">Whose data.</param>
/// <param name="Cursor">What the device has been given.</param>
/// <param name="Entities">The only types it takes; null = all.</param>
/// <param name="HasMore">Whether the server has said that there is more.</param>
/// <param name="IsUnproven">Whether the server has yet to say that the cursor is good.</param>
internal sealed record HttpPosition(
    OwnerId Owner,
    Cursor Cursor,
    IReadOnlyList<string>? Entities,
    bool HasMore = false,
    bool IsUnproven = true
)
{
    public HttpPosition(PullMessage pull)
        : this(pull.Owner, new Cursor(pull.Epoch, pull.Since, pull.Mark, pull.Floor), pull.Entities)
    { }

    public long Version => Cursor.Version;

    public string Query
    {
        get
        {
            var query = string.Create(
                CultureInfo.InvariantCulture,
                $"/v1/changes?owner={Owner}&epoch={Cursor.Epoch}&since={Cursor.Version}"
            );
            if (Cursor.Mark is { } mark)
                query += $"&mark={mark}";
            if (Cursor.Floor is { } floor)
                query += string.Create(CultureInfo.InvariantCulture, $"&floor={floor}");
            return Entities is null ? query : $"{query}&entities={string.Join(',', Entities)}";
        }
    }

    /// <summary>Where a device that has just been welcomed goes on.</summary>
    public static HttpPosition After(WelcomeMessage welcome, HelloMessage hello)
    {
        var cursor = hello.Cursors.Count == 0 ? null : hello.Cursors[0];
        var epoch = welcome.Heads.FirstOrDefault(head => head.Owner == welcome.User)?.Epoch ?? 0;
        return new HttpPosition(
            welcome.User,
            cursor is null
                ? Cursor.Start(epoch)
                : new Cursor(cursor.Epoch, cursor.Version, cursor.Mark, cursor.Floor),
            hello.Entities
        );
    }

    /// <returns>Null after a reset: then the device says where to go on.</returns>
    public HttpPosition? After(ServerMessage answer) =>
        answer is ChangesMessage frame
            ? this with
            {
                Cursor = new Cursor(
                    frame.Epoch,
                    frame.To,
                    frame.Mark,
                    frame.More ? frame.Floor : null
                ),
                HasMore = frame.More,
                IsUnproven = false,
            }
            : null;
}
