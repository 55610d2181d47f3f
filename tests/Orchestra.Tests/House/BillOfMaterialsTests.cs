using System.Diagnostics;
using System.Text.Json;

namespace Orchestra.Tests.House;

/// <summary>What is published can say what it is made of, down to the last package.</summary>
public sealed class BillOfMaterialsTests
{
    [Fact]
    public async Task It_names_every_package_of_the_silo_with_its_version_and_hash()
    {
        var folder = Directory.CreateTempSubdirectory("orchestra-sbom");
        using var tool = Process.Start(
            new ProcessStartInfo("dotnet")
            {
                // As the silo's project does after publishing.
                ArgumentList =
                {
                    "tool",
                    "run",
                    "dotnet-CycloneDX",
                    "silo/Orchestra.Silo.csproj",
                    "--output",
                    folder.FullName,
                    "--filename",
                    "sbom.cdx.json",
                    "--output-format",
                    "Json",
                    "--disable-package-restore",
                },
                WorkingDirectory = Repository.Root,
                RedirectStandardOutput = true,
            }
        )!;
        var said = await tool.StandardOutput.ReadToEndAsync();
        await tool.WaitForExitAsync();
        Assert.True(tool.ExitCode == 0, said);

        var components = JsonElement
            .Parse(await File.ReadAllTextAsync(Path.Combine(folder.FullName, "sbom.cdx.json")))
            .GetProperty("components")
            .EnumerateArray()
            .ToDictionary(Identity, HasHash);
        folder.Delete(recursive: true);
        Assert.All(
            Locked(),
            package => Assert.True(components.GetValueOrDefault(package), package)
        );
        Assert.InRange(components.Count, 40, int.MaxValue);
    }

    /// <summary>What the lock file says is restored for the silo, but for what only helps to build.</summary>
    private static IEnumerable<string> Locked() =>
        from package in JsonElement
            .Parse(Repository.Read("silo/packages.lock.json"))
            .GetProperty("dependencies")
            .GetProperty("net10.0")
            .EnumerateObject()
        where
            package.Value.GetProperty("type").GetString() != "Project"
            && !package.Name.Contains("Analyzer", StringComparison.Ordinal)
            && package.Name != "MinVer"
        select $"{package.Name} {package.Value.GetProperty("resolved").GetString()}";

    private static string Identity(JsonElement component) =>
        $"{component.GetProperty("name").GetString()} {component.GetProperty("version").GetString()}";

    private static bool HasHash(JsonElement component) =>
        component.TryGetProperty("hashes", out var hashes) && hashes.GetArrayLength() > 0;
}
