using Orchestra.Sync;
using Orchestra.Sync.Store;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Requests;

/// <summary>A page of changes as bytes, with what a socket must know to send it.</summary>
/// <param name="Bytes">The message.</param>
/// <param name="From">It follows this version.</param>
/// <param name="End">Where a device is that has applied it.</param>
/// <param name="IsEmpty">Whether it only says where the head is.</param>
/// <param name="CatalogHash">The catalog that explains it; null = any.</param>
/// <param name="Revoked">The devices that it says are barred.</param>
internal sealed record Frame(
    ReadOnlyMemory<byte> Bytes,
    long From,
    Cursor End,
    bool IsEmpty,
    string? CatalogHash,
    IReadOnlyList<DeviceId> Revoked
)
{
    public bool Follows(Cursor cursor) =>
        From == cursor.Version && End.Epoch == cursor.Epoch && cursor.Floor is null;

    public static Frame Of(OwnerId owner, ChangesPage page, string? catalogHash, long? answers) =>
        new(
            WireCodec.Write(page.ToMessage(owner, answers)),
            page.From,
            // Only a page of rows that is not the last one leaves a floor.
            new Cursor(page.Epoch, page.To, page.Mark, page.More ? page.Floor : null),
            page.Entries.Count == 0 && page.From == page.To,
            catalogHash,
            FindRevoked(page)
        );

    private static List<DeviceId> FindRevoked(ChangesPage page) =>
        [
            .. from entry in page.Entries
            where entry.Row.Entity == "devices" && entry.Present
            where entry.Fields.TryGetValue("revoked_at", out var revokedAt) && !revokedAt.IsNull
            select new DeviceId(entry.Row.Id),
        ];
}
