namespace Orchestra.Tests.Client.Live;

public sealed class DeviceCommandTests(RunningServer server)
    : IClassFixture<RunningServer>,
        IDisposable
{
    private readonly CalledCommandLine commands = new(server.Address);

    public void Dispose() => commands.Dispose();

    [Fact]
    public async Task A_device_gets_another_name_and_priority_from_any_device()
    {
        await commands.LogInAsync("one");
        await commands.LogInAsync("two");
        var other = await DeviceAsync("two");

        await commands.RunAsync("one", "devices", "rename", other, "kitchen");
        await commands.RunAsync("one", "devices", "priority", other, "700");

        var listed = await commands.AskAsync("one", "devices", "list");
        var device = listed.Single(row => row["device"].AsText() == other);
        Assert.Equal("kitchen", device["name"].AsText());
        Assert.Equal(700, device["priority"].AsInteger());
        Assert.False(device["own"].AsBoolean());
        var (code, _, error) = await commands.TryAsync("one", "devices", "priority", other, "1001");
        Assert.Equal(1, code);
        Assert.Contains("0 to 1000", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_device_is_refused_and_its_doctor_says_why()
    {
        await commands.LogInAsync("one");
        await commands.LogInAsync("two");

        await commands.RunAsync("one", "devices", "revoke", await DeviceAsync("two"), "--yes");

        var (sync, _, error) = await commands.TryAsync("two", "sync");
        var (doctor, findings, _) = await commands.TryAsync("two", "doctor");
        Assert.Equal((1, 1), (sync, doctor));
        Assert.Contains("device_revoked", error, StringComparison.Ordinal);
        Assert.Contains("failed   device", findings, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_terminal_nothing_is_revoked_by_accident()
    {
        await commands.LogInAsync("one");

        var own = await DeviceAsync("one");
        var (code, _, error) = await commands.TryAsync("one", "devices", "revoke", own);

        Assert.Equal(2, code);
        Assert.Contains("--yes", error, StringComparison.Ordinal);
        Assert.True(Assert.Single(await commands.AskAsync("one", "devices"))["revoked_at"].IsNull);
    }

    [Theory]
    [InlineData("list")]
    [InlineData("rename", "laptop")]
    [InlineData("priority", "7")]
    [InlineData("revoke", "--yes")]
    public async Task Without_the_server_each_says_that_it_cannot_be_reached(
        string verb,
        string? value = null
    )
    {
        await commands.LogInAsync("one");
        var own = await DeviceAsync("one");
        await commands.UnplugAsync("one");

        string[] arguments = value is null ? [verb] : [verb, own, value];
        var (code, output, error) = await commands.TryAsync("one", ["devices", .. arguments]);

        Assert.Equal((4, ""), (code, output));
        Assert.Contains("cannot be reached", error, StringComparison.Ordinal);
    }

    private async Task<string> DeviceAsync(string device) =>
        (await commands.AskAsync(device, "status"))[0]["device"].AsText();
}
