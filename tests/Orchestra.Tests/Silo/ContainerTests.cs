using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orchestra.Silo.Configuration;
using Orchestra.Silo.Hosting;
using Orchestra.TestKit.Processes;
using Orchestra.TestKit.Silos;
using Orchestra.Tests.Events;
using Orchestra.Tests.Protocol;
using Orleans.Configuration;

namespace Orchestra.Tests.Silo;

/// <summary>What a silo has for those that run it in a container.</summary>
[Collection(nameof(SharedSilo))]
public sealed class ContainerTests(SharedSilo shared) : IDisposable
{
    private const string Key = "Orchestra:Redis:ConnectionString";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestra-secrets-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_secret_is_a_file_and_goes_before_what_else_was_set()
    {
        File.WriteAllText(
            Path.Combine(folder.FullName, "Orchestra__Redis__ConnectionString"),
            "redis:6379,password=of-the-file\n"
        );
        var builder = new ConfigurationBuilder();
        builder.AddInMemoryCollection([KeyValuePair.Create(Key, (string?)"redis:6379")]);
        builder.AddSecretFiles(folder.FullName);
        Assert.Equal("redis:6379,password=of-the-file", builder.Build()[Key]);
    }

    [Fact]
    public void A_folder_that_is_missing_is_named()
    {
        var path = Path.Combine(folder.FullName, "none");
        var fault = Assert.Throws<SettingException>(() =>
            new ConfigurationBuilder().AddSecretFiles(path)
        );
        Assert.Equal($"Orchestra:SecretsDirectory is {path}, which is no folder.", fault.Message);
        var none = new ConfigurationBuilder();
        none.AddSecretFiles(null);
        Assert.Empty(none.Sources);
    }

    [Fact]
    public async Task Its_name_and_the_time_for_its_end_are_those_that_were_set()
    {
        var builder = SiloHost.NewBuilder();
        builder.Environment.EnvironmentName = Environments.Development;
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?>
            {
                ["Orchestra:Gateway:Url"] = "http://127.0.0.1:0",
                ["Orchestra:Admin:Url"] = "http://127.0.0.1:0",
                ["Orchestra:DataDirectory"] = folder.FullName,
                ["Orchestra:Cluster:SiloPort"] = $"{SiloPorts.Next()}",
                ["Orchestra:Cluster:SiloName"] = "silo-7d9f8",
                ["Orchestra:ShutdownSeconds"] = "7",
            }
        );
        await using var silo = await SiloHost.BuildAsync(builder, CancellationToken.None);
        Assert.Equal(TimeSpan.FromSeconds(7), Options<HostOptions>(silo).ShutdownTimeout);
        Assert.Equal("silo-7d9f8", Options<SiloOptions>(silo).SiloName);
    }

    [Fact]
    public async Task Its_health_can_be_asked_for_without_a_shell()
    {
        await using var asked = Ask(shared.Silo.Admin.Port);
        Assert.Equal(0, await asked.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("Healthy", asked.Lines);

        await using var nobody = Ask(SiloPorts.Next());
        Assert.Equal(1, await nobody.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("does not answer", nobody.Lines.Single());
    }

    /// <summary>In a container it listens on every address.</summary>
    private ChildProcess Ask(int port) =>
        ChildProcess.Start(
            "silo.dll",
            folder.FullName,
            new Dictionary<string, string> { ["Orchestra__Admin__Url"] = $"http://0.0.0.0:{port}" },
            "health"
        );

    private static T Options<T>(WebApplication silo)
        where T : class => silo.Services.GetRequiredService<IOptions<T>>().Value;
}
