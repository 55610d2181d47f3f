namespace Orchestra.Sync;

/// <summary>The entity types whose rows the server itself writes.</summary>
public static class EngineEntities
{
    /// <summary>A row a device: id = device id; kind, name, app, priority, revoked_at.</summary>
    public const string Devices = "devices";

    /// <summary>The owner's profile: id = owner id.</summary>
    public const string Users = "users";

    /// <summary>A row for contents that the server has: id made of hash; hash, size, upload_id.</summary>
    public const string Contents = "contents";
}
