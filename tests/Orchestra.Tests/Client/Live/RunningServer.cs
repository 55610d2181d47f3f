using Orchestra.Sync;
using Orchestra.TestKit.Silos;

namespace Orchestra.Tests.Client.Live;

/// <summary>The server that the devices of a test sync with.</summary>
public sealed class RunningServer : IAsyncLifetime
{
    private RunningSilo? silo;

    /// <summary>Besides those that every silo under test has.</summary>
    internal (string Key, string Value)[] Settings { get; init; } = [];

    public Uri Address => silo!.Gateway;

    public int Port => Address.Port;

    public async Task InitializeAsync() => silo = await RunningSilo.StartAsync(settings: Settings);

    public Task DisposeAsync() => silo!.DisposeAsync().AsTask();

    public Task StopAsync() => silo!.StopAsync();

    public Task RestartAsync() => silo!.RestartAsync();

    /// <returns>What restores the server to this moment.</returns>
    public async Task<Func<Task>> BackUpAsync()
    {
        await StopAsync();
        var putBack = await silo!.Store.BackUpAsync();
        await RestartAsync();
        return async () =>
        {
            await StopAsync();
            await putBack();
            await RestartAsync();
        };
    }

    /// <summary>A token for anybody, as a development server gives it.</summary>
    public Task<string> TokenAsync(Guid user) => silo!.TokenAsync(new OwnerId(user));
}
