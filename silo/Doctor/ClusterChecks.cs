using Orchestra.Database.Postgres.Checkup;
using Orchestra.Database.Schema;
using Orchestra.Silo.Configuration;

namespace Orchestra.Silo.Doctor;

/// <summary>Which silos the cluster takes to be alive, and whether they are.</summary>
internal static class ClusterChecks
{
    private const string Check = "cluster";

    public static async Task<Finding> RunAsync(
        ClusterSettings cluster,
        string connectionString,
        CancellationToken cancellation
    )
    {
        try
        {
            var silos = await PostgresCheckup.ListSilosAsync(
                connectionString,
                cluster.Id,
                cancellation
            );
            var silent = silos.Where(silo => silo.Silence > cluster.Alive * 3).ToList();
            return silent.Count > 0
                    ? Finding.Warning(
                        Check,
                        $"{silos.Count} silos of '{cluster.Id}', of which {silent.Count} give no sign of life: "
                            + string.Join(", ", silent.Select(silo => silo.Name)),
                        "If they were killed, nothing: the next that starts gives them up."
                    )
                : silos.Count == 0
                    ? Finding.Warning(
                        Check,
                        $"no silo of '{cluster.Id}' is alive",
                        "Start one; if some run, compare their Orchestra:Cluster:Id."
                    )
                : Finding.Ok(Check, $"{silos.Count} silos of '{cluster.Id}' are alive");
        }
        catch (SchemaException e)
        {
            return Finding.Failed(
                Check,
                e.Message,
                "Look at Orchestra:Cluster:ConnectionString, and whether silo migrate has run."
            );
        }
    }
}
