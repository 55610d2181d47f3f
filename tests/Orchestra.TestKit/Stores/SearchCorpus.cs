using Orchestra.Sync.Search;
using Xunit;

namespace Orchestra.TestKit.Stores;

/// <summary>
/// Notes, and what is to be found in them: by every store, and by the client in its own database.
/// </summary>
public static class SearchCorpus
{
    public static IReadOnlyList<(string Title, string Body)> Notes { get; } =
    [
        ("Shopping", "Milk, bread and a moon rocket"),
        ("Moon", "The rocket that brings milk to the moon base"),
        ("Ideas", "Don’t forget: “quoted words”, em—dash, snake_case and CamelCase"),
        ("Ärger", "Über Straßen; naïve ΣΟΦΙΑ МОСКВА"),
        ("Places", "See https://example.com/a/path?x=1 or mail ada@example.org, 3.14 x² v2"),
        ("rocket", "moon"),
        ("Markup", "<b>bold</b> &amp; <script>alert('never')</script> 数据 🚀 launch"),
        ("Empty", ""),
        ("Or", "this or that, NOT those"),
    ];

    /// <summary>What is typed, and the titles of the notes that it finds.</summary>
    public static TheoryData<string, string[]> Searches { get; } =
        new()
        {
            { "rocket", ["Moon", "Shopping", "rocket"] },
            { "ROCKET milk", ["Moon", "Shopping"] },
            { "\"moon rocket\"", ["Shopping"] },
            { "moon rocket", ["Moon", "Shopping", "rocket"] },
            { "\"rocket moon\"", [] },
            { "rocket -milk", ["rocket"] },
            { "rocket -\"moon rocket\"", ["Moon", "rocket"] },
            { "bread or base", ["Moon", "Shopping"] },
            { "bread OR camelcase", ["Ideas", "Shopping"] },
            { "milk bread or moon -milk", ["Shopping", "rocket"] },
            { "\"or\"", ["Or", "Places"] },
            { "or", [] },
            { "or rocket or", ["Moon", "Shopping", "rocket"] },
            { "-milk", [] },
            { "-milk or bread", ["Shopping"] },
            { "milk -", ["Moon", "Shopping"] },
            { "not those", ["Or"] },
            { "don't", ["Ideas"] },
            { "quoted", ["Ideas"] },
            { "dash", ["Ideas"] },
            { "snake_case", ["Ideas"] },
            { "case", ["Ideas"] },
            { "camel", [] },
            { "ärger ÜBER STRASSEN", [] },
            { "ÄRGER über straßen", ["Ärger"] },
            { "arger", [] },
            { "naive", [] },
            { "софия or москва", ["Ärger"] },
            { "σοφια", ["Ärger"] },
            { "example", ["Places"] },
            { "example.com", ["Places"] },
            { "ada@example.org", ["Places"] },
            { "com.example", [] },
            { "3.14", ["Places"] },
            { "v2 x²", ["Places"] },
            { "bold script never", ["Markup"] },
            { "数据", ["Markup"] },
            { "🚀 launch", ["Markup"] },
            { "🚀", [] },
            { "\"unclosed phrase", [] },
            { "\"moon base", ["Moon"] },
            { "title:moon", [] },
            { "roc* ^moon (NEAR) !&| <-> ' \\ \0 % {o f0} : +", [] },
            { "''; drop table notes; --", [] },
        };

    /// <summary>What is typed, as long as it may be, and full of what a store could stumble over.</summary>
    public static IEnumerable<string> Longest =>
        new[] { "a ", "-a ", "a or ", "\"a b\" ", "a -b or ", "-\"", "\"" }.Select(term =>
            string.Concat(Enumerable.Repeat(term, WordQuery.MaxLength))[..WordQuery.MaxLength]
        );
}
