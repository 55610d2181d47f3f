using Orchestra.Client.Connection;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Wire;

namespace Orchestra.Client;

/// <summary>
/// The user's devices. The list is the server's alone, so that everything here needs a connection.
/// </summary>
public sealed class ClientDevices
{
    private readonly HttpDoor http;

    internal ClientDevices(HttpDoor http) => this.http = http;

    /// <summary>All of them, those that were revoked included.</summary>
    /// <exception cref="SyncException">The server refused.</exception>
    /// <exception cref="HttpRequestException">The server could not be reached.</exception>
    public async Task<IReadOnlyList<UserDevice>> ListAsync(CancellationToken cancel = default)
    {
        var answer = await http.SendAsync(HttpMethod.Get, "/v1/devices", null, cancel);
        return [.. WireCodec.ReadDevices(answer).Devices.Select(UserDevice.Of)];
    }

    /// <summary>Calls a device something else.</summary>
    /// <param name="device">Which.</param>
    /// <param name="name">1 to 120 characters.</param>
    /// <param name="cancel">Before it is done.</param>
    /// <exception cref="SyncException"><c>not_found</c>, <c>invalid_value</c> …</exception>
    /// <exception cref="HttpRequestException">The server could not be reached.</exception>
    public Task RenameAsync(DeviceId device, string name, CancellationToken cancel = default) =>
        PatchAsync(device, new DevicePatch(Name: name), cancel);

    /// <summary>Says how much a device's writes weigh beside others of the same moment.</summary>
    /// <param name="device">Which.</param>
    /// <param name="priority">0 to 1000; the higher one wins a tie.</param>
    /// <param name="cancel">Before it is done.</param>
    /// <inheritdoc cref="RenameAsync" path="/exception"/>
    public Task SetPriorityAsync(
        DeviceId device,
        int priority,
        CancellationToken cancel = default
    ) => PatchAsync(device, new DevicePatch(Priority: priority), cancel);

    /// <summary>
    /// Shuts a device out for good: it is disconnected now and refused from then on. What it holds
    /// already stays on it.
    /// </summary>
    /// <inheritdoc cref="RenameAsync" path="/exception"/>
    public Task RevokeAsync(DeviceId device, CancellationToken cancel = default) =>
        http.SendAsync(HttpMethod.Delete, $"/v1/devices/{device}", null, cancel);

    private Task<byte[]> PatchAsync(DeviceId device, DevicePatch patch, CancellationToken cancel) =>
        http.SendAsync(HttpMethod.Patch, $"/v1/devices/{device}", WireCodec.Write(patch), cancel);
}
