using Orchestra.Sync.Decisions;
using Orchestra.Tests.House;

namespace Orchestra.Tests.Wire;

public sealed class NaturalKeyTests
{
    private static readonly string Page = Repository.Read("docs/protocol.md");

    [Fact]
    public void The_documented_namespace_and_example_are_the_code_s()
    {
        Assert.Contains($"`{NaturalKey.Namespace:D}`", Page, StringComparison.Ordinal);
        Assert.Contains(
            $"`theme`: `{NaturalKey.IdOf("settings", "theme"):D}`",
            Page,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Ids_are_derived_as_RFC_9562_says() =>
        // The example of appendix A.4: www.example.com in the namespace of DNS names.
        Assert.Equal(
            new Guid("2ed6657d-e927-568b-95e1-2665a8aea6a2"),
            NaturalKey.Derive(new("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), "www.example.com")
        );
}
