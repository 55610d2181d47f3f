using System.CommandLine;
using Orchestra.Sync;

namespace Orchestra.Silo.Commands;

/// <summary><c>--owner</c>, as several commands take it.</summary>
internal static class OwnerOption
{
    public static Option<Guid?> Create(string what) =>
        new("--owner") { Description = $"{what} (a UUID)" };

    public static OwnerId? GetOwner(this ParseResult parsed, Option<Guid?> option) =>
        parsed.GetValue(option) is { } id ? new OwnerId(id) : null;
}
