using System.CommandLine;
using Orchestra.Sync.Wire;

namespace Orchestra.Cli.Commands;

/// <summary>An id as everything here writes it.</summary>
internal static class IdArgument
{
    public static Argument<Guid> Build(string name, string description) =>
        new(name)
        {
            Description = description,
            CustomParser = result =>
            {
                if (CanonicalUuid.TryParse(result.Tokens.Single().Value, out var id))
                    return id;
                result.AddError("An id is a UUID in lower case with hyphens.");
                return default;
            },
        };
}
