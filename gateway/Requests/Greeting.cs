using Orchestra.Gateway.Authentication;
using Orchestra.Grains.Interfaces;
using Orchestra.Sync.Catalog;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Requests;

/// <summary>What a hello has to say, and what it is answered.</summary>
internal static class Greeting
{
    private const int Protocol = 1;

    /// <exception cref="SyncException"><c>protocol_unsupported</c></exception>
    public static void RequireProtocol(HelloMessage hello)
    {
        if (hello.Protocol != Protocol)
            throw new SyncException(
                ErrorCode.ProtocolUnsupported,
                $"This server speaks protocol {Protocol}",
                "protocol"
            );
    }

    public static WelcomeMessage Welcome(
        Caller caller,
        HelloMessage hello,
        Session known,
        EntityCatalog catalog,
        TimeProvider time
    ) =>
        new(
            Protocol,
            Guid.NewGuid(),
            caller.Owner,
            time.GetUtcNow(),
            new WireLineage(hello.Device.Id, known.Priority, known.LastSeq, known.LastChange),
            [new WireHead(caller.Owner, known.Head.Epoch, known.Head.Version)],
            new CatalogReference(
                catalog.Hash,
                hello.Catalog == catalog.Hash ? null : WireCatalog.From(catalog)
            ),
            WireLimits.Current
        );
}
