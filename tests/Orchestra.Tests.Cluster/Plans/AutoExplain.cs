using Npgsql;

namespace Orchestra.Tests.Cluster.Plans;

/// <summary>What some logins run, and the statements that those cause, are explained in the server's log.</summary>
internal static class AutoExplain
{
    public static async Task StartAsync(string connectionString, params string[] roles)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        foreach (var role in roles)
            command.CommandText += $"""
                alter role {role} set auto_explain.log_min_duration = 0;
                alter role {role} set auto_explain.log_analyze = on;
                alter role {role} set auto_explain.log_buffers = on;
                alter role {role} set auto_explain.log_verbose = on;
                alter role {role} set auto_explain.log_timing = off;
                alter role {role} set auto_explain.log_nested_statements = on;
                alter role {role} set auto_explain.log_format = json;

                """;
        await command.ExecuteNonQueryAsync();
    }
}
