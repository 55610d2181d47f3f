using Bogus;

namespace Orchestra.Database.Seeders;

/// <summary>Paths as a project of several languages has them.</summary>
internal sealed class SourceTree(Faker faker)
{
    private static readonly (string Language, string Extension)[] Languages =
    [
        ("C#", "cs"),
        ("TypeScript", "ts"),
        ("SQL", "sql"),
        ("Markdown", "md"),
        ("YAML", "yaml"),
    ];

    public (string Path, string Language) NextFile()
    {
        var (language, extension) = faker.Random.ArrayElement(Languages);
        var top = faker.Random.ArrayElement(["src", "src", "tests", "docs"]);
        var folder = Slug(faker.Commerce.Department(1));
        var name = Slug($"{faker.Hacker.Noun()}-{faker.Hacker.IngVerb()}");
        return ($"{top}/{folder}/{name}-{faker.Random.Int(1, 9999)}.{extension}", language);
    }

    private static string Slug(string words) =>
        words.Replace(' ', '-').Replace('&', '-').ToLowerInvariant();
}
