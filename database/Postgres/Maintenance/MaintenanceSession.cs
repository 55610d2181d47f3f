using Npgsql;
using Orchestra.Database.Schema;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres.Maintenance;

/// <summary>
/// The maintenance login's one connection. It has an advisory lock as long as it is open, so that two
/// clusters on one database, or a grain and an operator, do not work against each other. A lock of
/// the session needs a direct connection: a pooler in transaction mode would lose it.
/// </summary>
internal sealed class MaintenanceSession : IAsyncDisposable
{
    private const string Lock =
        "select pg_try_advisory_lock(hashtextextended('orchestra.maintenance', 0))";

    private const string Unlock =
        "select pg_advisory_unlock(hashtextextended('orchestra.maintenance', 0))";

    private readonly NpgsqlConnection connection;

    private MaintenanceSession(NpgsqlConnection connection)
    {
        this.connection = connection;
        Session = new PostgresSession(connection);
    }

    /// <summary>Statements outside a transaction.</summary>
    public PostgresSession Session { get; }

    /// <returns>Null if somebody else has the lock.</returns>
    /// <exception cref="SchemaException">Not reachable, or a login without the rights.</exception>
    public static async Task<MaintenanceSession?> TryOpenAsync(
        string connectionString,
        CancellationToken cancellation
    )
    {
        var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString)
            {
                Pooling = false,
                // What waits for locks waits no longer than lock_timeout; the rest may take long.
                CommandTimeout = 0,
                ApplicationName = "orchestra maintenance",
            }.ConnectionString
        );
        try
        {
            await connection.OpenAsync(cancellation);
            var session = new MaintenanceSession(connection);
            await session.RequireRightsAsync();
            if (await session.ReadBooleanAsync(new(Lock)))
                return session;
        }
        catch (Exception e) when (PostgresDatabase.IsOfDatabase(e))
        {
            await connection.DisposeAsync();
            throw Explain(e);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
        await connection.DisposeAsync();
        return null;
    }

    /// <summary>Statements that become true together.</summary>
    public async Task<T> TogetherAsync<T>(Func<PostgresSession, Task<T>> work)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        var result = await work(Session);
        await transaction.CommitAsync();
        return result;
    }

    public async Task<bool> ReadBooleanAsync(Statement statement) =>
        (await Session.ListAsync(statement, row => row.GetBoolean(0)))[0];

    /// <summary>What an operator can do about a failure, as a sentence.</summary>
    public static SchemaException Explain(Exception e) =>
        new(
            e switch
            {
                PostgresException { SqlState: PostgresFailure.ClockAhead } =>
                    "This machine's clock is a day or more ahead of the database's: nothing is done "
                        + "until it is right",
                PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } refusal =>
                    $"The maintenance login lacks a right ({refusal.MessageText}); "
                        + "let it be a member of orchestra_maintenance",
                PostgresException failure => $"PostgreSQL failed: {failure.MessageText}",
                _ => $"PostgreSQL cannot be reached: {e.Message}",
            }
        );

    /// <summary>Gives the lock back: with the connection alone it would end in the server's own time.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Session.ExecuteAsync(new(Unlock));
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            // The connection is broken, and the lock goes with it.
        }
        await connection.DisposeAsync();
    }

    /// <summary>A member has the role's rights, but not the settings of its logins.</summary>
    private async Task RequireRightsAsync()
    {
        var login = (
            await Session.ListAsync(
                new(
                    """
                    select current_user::text, exists (
                        select from pg_roles
                        where rolname = 'orchestra_maintenance'
                            and pg_has_role(current_user, oid, 'usage')
                    )
                    """
                ),
                row => (Name: row.GetString(0), IsMember: row.GetBoolean(1))
            )
        )[0];
        if (!login.IsMember)
            throw new SchemaException(
                $"{login.Name} is no member of orchestra_maintenance. Set "
                    + "Orchestra:Postgres:MaintenanceConnectionString to a login that is, or run: "
                    + $"grant orchestra_maintenance to {login.Name}"
            );
        await Session.ExecuteAsync(new("set lock_timeout = '3s'"));
    }
}
