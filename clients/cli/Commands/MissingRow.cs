namespace Orchestra.Cli.Commands;

/// <summary>Somebody named a row that is not here.</summary>
internal static class MissingRow
{
    public static CommandFailure Of(string entity, Guid id) =>
        new(
            $"There is no {entity} row {id}",
            $"Run orchestra ls {entity} to see what there is.",
            ExitCode.NotFound
        );
}
