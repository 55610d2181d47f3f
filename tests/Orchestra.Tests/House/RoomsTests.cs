using System.Xml.Linq;

namespace Orchestra.Tests.House;

/// <summary>Arrows between rooms go one way, and each room sees only the libraries it is for.</summary>
public sealed class RoomsTests
{
    private static readonly Dictionary<string, Room> Rooms = new()
    {
        ["sync/Orchestra.Sync.csproj"] = new(
            [],
            ["Microsoft.Orleans.Serialization", "Microsoft.Orleans.CodeGenerator"]
        ),
        ["grains.interfaces/Orchestra.Grains.Interfaces.csproj"] = new(
            ["Orchestra.Sync"],
            ["Microsoft.Orleans.Sdk"]
        ),
        ["grains/Orchestra.Grains.csproj"] = new(
            ["Orchestra.Grains.Interfaces", "Orchestra.Sync"],
            ["Microsoft.Orleans."]
        ),
        ["database/Orchestra.Database.csproj"] = new(
            ["Orchestra.Sync"],
            [
                "AWSSDK.S3",
                "Microsoft.Data.Sqlite",
                "Npgsql",
                "OpenAI",
                "Pgvector",
                "Polly",
                "StackExchange.Redis",
                "System.Threading.RateLimiting",
                "Bogus",
            ]
        ),
        ["gateway/Orchestra.Gateway.csproj"] = new(
            ["Orchestra.Grains.Interfaces", "Orchestra.Sync"],
            ["Microsoft.AspNetCore.", "Microsoft.IdentityModel.", "Polly"]
        ),
        ["silo/Orchestra.Silo.csproj"] = new(
            [
                "Orchestra.Database",
                "Orchestra.Gateway",
                "Orchestra.Grains",
                "Orchestra.Grains.Interfaces",
                "Orchestra.Sync",
            ],
            ["Microsoft.Orleans.", "OpenTelemetry.", "System.CommandLine", "Spectre.Console"]
        ),
        ["clients/dotnet/Orchestra.Client.csproj"] = new(
            ["Orchestra.Sync"],
            ["Microsoft.Data.Sqlite", "Polly", "Microsoft.Extensions.Hosting.Abstractions"]
        ),
        ["clients/cli/Orchestra.Cli.csproj"] = new(
            ["Orchestra.Client"],
            ["System.CommandLine", "Spectre.Console"]
        ),
    };

    public static TheoryData<string> Projects => new(Rooms.Keys);

    [Fact]
    public void Every_project_outside_the_tests_is_a_room() =>
        Assert.Equal(
            Rooms.Keys.Order(StringComparer.Ordinal),
            Repository.Files(".csproj").Where(path => !path.StartsWith("tests/"))
        );

    [Fact]
    public void The_solution_has_every_project()
    {
        var solution = Repository.Read("Orchestra.Orleans.sln").Replace('\\', '/');
        Assert.All(
            Repository.Files(".csproj"),
            path => Assert.Contains($"\"{path}\"", solution, StringComparison.Ordinal)
        );
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_room_refers_only_to_the_rooms_it_may(string project) =>
        Assert.Empty(
            Includes(project, "ProjectReference")
                .Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')))
                .Except(Rooms[project].References)
        );

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_room_uses_only_the_packages_it_may(string project) =>
        Assert.DoesNotContain(
            Includes(project, "PackageReference"),
            package => !Rooms[project].Packages.Any(allowed => Matches(package, allowed))
        );

    [Theory]
    [MemberData(nameof(Projects))]
    public void Only_the_gateway_and_the_host_see_ASP_NET(string project)
    {
        var xml = Load(project);
        var isWeb =
            xml.Root!.Attribute("Sdk")!.Value == "Microsoft.NET.Sdk.Web"
            || Includes(project, "FrameworkReference").Any();
        Assert.Equal(
            project is "gateway/Orchestra.Gateway.csproj" or "silo/Orchestra.Silo.csproj",
            isWeb
        );
    }

    private static bool Matches(string package, string allowed) =>
        allowed.EndsWith('.')
            ? package.StartsWith(allowed, StringComparison.Ordinal)
            : package == allowed || package.StartsWith(allowed + ".", StringComparison.Ordinal);

    private static IEnumerable<string> Includes(string project, string element) =>
        Load(project).Descendants(element).Select(item => item.Attribute("Include")!.Value);

    private static XDocument Load(string project) => XDocument.Parse(Repository.Read(project));

    /// <param name="References">Names of the projects it may refer to.</param>
    /// <param name="Packages">Names of packages, or beginnings of names.</param>
    private sealed record Room(string[] References, string[] Packages);
}
