using System.Net;
using Orchestra.Sync.Errors;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Protocol;

namespace Orchestra.Tests.Gateway;

/// <summary>A gateway takes as many sockets as it is told to.</summary>
public sealed class FullGatewayTests
{
    [Fact]
    public async Task One_more_is_told_to_come_back_and_may_once_another_has_left()
    {
        await using var silo = await RunningSilo.StartAsync(
            null,
            ("Orchestra:Gateway:MaxConnections", "2")
        );
        var owner = SharedServer.NewOwner();
        await using var first = await RawDevice.ConnectAsync(silo, owner);
        var second = await RawDevice.ConnectAsync(silo, owner);

        var token = await silo.TokenAsync(owner);
        var refused = await Upgrade.RefusedAsync(silo, token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.Equal(ErrorCode.Overloaded.Name(), refused.Error.Code);
        Assert.NotNull(refused.Error.RetryAfterMs);

        await second.DisposeAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (await Upgrade.StatusAsync(silo, token) != HttpStatusCode.SwitchingProtocols)
            await Task.Delay(50, patience.Token);
        await using var third = await RawDevice.ConnectAsync(silo, owner);
    }
}
