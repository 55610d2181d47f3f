using System.Text.Json.Serialization;
using Orchestra.Sync;

namespace Orchestra.Client;

/// <summary>What an app decides about its client.</summary>
public sealed record ClientOptions
{
    /// <summary>The device's SQLite file; made, with the device, if there is none.</summary>
    public required string Database { get; init; }

    /// <summary>Where to sync; null = what the database remembers.</summary>
    public Uri? Server { get; init; }

    /// <summary>Asked for a fresh JWT before each connection to a server.</summary>
    public Func<Uri, CancellationToken, Task<string>>? Token { get; init; }

    /// <summary>The compiled JSON of the app's classes, for <see cref="OrchestraClient.Set{T}()"/>.</summary>
    public JsonSerializerContext? Types { get; init; }

    /// <summary>What kind of client a new database belongs to.</summary>
    public DeviceKind Kind { get; init; } = DeviceKind.Desktop;

    /// <summary>What to call the device, 1 to 120 characters, when its database is created.</summary>
    public string DeviceName { get; init; } = Environment.MachineName;

    /// <summary>The app and its version, 1 to 120 characters.</summary>
    public string App { get; init; } = "orchestra-client/0.1";

    /// <summary>The first wait after a lost connection; later ones grow, all with jitter.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>No wait is longer, unless the server asks for it.</summary>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often <see cref="OrchestraClient.SyncAsync"/> tries in vain before it gives up.</summary>
    public int SyncRetries { get; init; } = 4;

    /// <summary>How often to look for changes that another process wrote into the database.</summary>
    public TimeSpan OutboxPoll { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A live query runs again at most this often.</summary>
    public TimeSpan WatchInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How often to ask for news where WebSockets are blocked.</summary>
    public TimeSpan HttpPoll { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How the contents of files are treated.</summary>
    public ContentOptions Contents { get; init; } = new();

    /// <summary>The clock; only tests need another one.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal Surroundings Surroundings { get; init; } = Surroundings.Machine;
}
