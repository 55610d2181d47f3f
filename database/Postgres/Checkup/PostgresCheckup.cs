using System.Diagnostics;
using Npgsql;
using Orchestra.Database.Schema;
using static Orchestra.Database.Postgres.PostgresValues;

namespace Orchestra.Database.Postgres.Checkup;

/// <summary>What a database says of itself to a login, asked once, changing nothing.</summary>
public static class PostgresCheckup
{
    private const int PatienceSeconds = 5;

    private static readonly Statement SelectServer = new(
        """
        select current_setting('server_version_num')::integer / 10000,
            session_user::text,
            (select rolsuper from pg_roles where rolname = session_user),
            (select coalesce(array_agg(rolname::text), '{}') from pg_roles
                where rolname like 'orchestra\_%' and pg_has_role(oid, 'member')),
            pg_is_in_recovery(),
            (select coalesce(bool_or(ssl), false) from pg_stat_ssl where pid = pg_backend_pid()),
            current_setting('max_connections')::integer
                - current_setting('superuser_reserved_connections')::integer,
            (select count(*)::integer from pg_stat_activity where backend_type = 'client backend'),
            pg_database_size(current_database()),
            current_setting('random_page_cost')::double precision,
            (select coalesce(array_agg(extname::text), '{}') from pg_extension),
            clock_timestamp()
        """
    );

    private static readonly Statement SelectDoubtful = new(
        """
        select name, current_setting(name) from unnest(array['fsync', 'full_page_writes',
            'synchronous_commit', 'statement_timeout', 'lock_timeout',
            'idle_in_transaction_session_timeout']) as names (name)
        where current_setting(name) in ('off', '0')
        """
    );

    private static readonly Statement SelectMonths = new(
        """
        select substr(c.relname, 10, 4)::integer * 12 + substr(c.relname, 15, 2)::integer - 1
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'orchestra.sync_log'::regclass and not i.inhdetachpending
            and c.relname ~ '^sync_log_[0-9]{4}_[0-9]{2}$'
        """
    );

    private static Statement SelectSilos(string cluster) =>
        new(
            """
            select silo_name, address, port,
                extract(epoch from clock_timestamp() - i_am_alive_time)::double precision
            from orleans.membership where deployment_id = $1 and status = 3
            order by silo_name
            """,
            Of(cluster)
        );

    /// <summary>Logs in and asks.</summary>
    /// <param name="connectionString">Of the login.</param>
    /// <param name="time">Compared with the database's.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="SchemaException">It cannot be reached, or refuses the login.</exception>
    public static Task<PostgresFacts> AskAsync(
        string connectionString,
        TimeProvider time,
        CancellationToken cancellation
    ) =>
        AskAsync(
            connectionString,
            async session =>
            {
                // Once for the way there: what is timed is a round trip.
                var doubtful = await session.ListAsync(
                    SelectDoubtful,
                    row => (row.GetString(0), row.GetString(1))
                );
                var before = time.GetUtcNow();
                var watch = Stopwatch.StartNew();
                var facts = await session.ListAsync(
                    SelectServer,
                    row => Read(row, doubtful, watch.Elapsed, before + (watch.Elapsed / 2))
                );
                return facts[0];
            },
            cancellation
        );

    /// <summary>Months from now on that the log has no partition for.</summary>
    /// <param name="connectionString">Of a login that may use the schema.</param>
    /// <param name="ahead">How many there should be after the present one.</param>
    /// <param name="time">Says which month it is.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="SchemaException">It cannot be reached, or has no log.</exception>
    public static Task<IReadOnlyList<DateTimeOffset>> FindMissingMonthsAsync(
        string connectionString,
        int ahead,
        TimeProvider time,
        CancellationToken cancellation
    ) =>
        AskAsync<IReadOnlyList<DateTimeOffset>>(
            connectionString,
            async session =>
            {
                var there = await session.ListAsync(SelectMonths, row => row.GetInt32(0));
                var wanted = Enumerable.Range(LogMonths.NumberOf(time.GetUtcNow()), ahead + 1);
                return [.. wanted.Except(there).Select(LogMonths.StartOf)];
            },
            cancellation
        );

    /// <summary>The silos that a cluster takes to be alive.</summary>
    /// <exception cref="SchemaException">It cannot be reached.</exception>
    public static Task<List<KnownSilo>> ListSilosAsync(
        string connectionString,
        string cluster,
        CancellationToken cancellation
    ) =>
        AskAsync(
            connectionString,
            session =>
                session.ListAsync(
                    SelectSilos(cluster),
                    row => new KnownSilo(
                        $"{row.GetString(0)} at {row.GetString(1)}:{row.GetInt32(2)}",
                        TimeSpan.FromSeconds(row.GetDouble(3))
                    )
                ),
            cancellation
        );

    private static async Task<T> AskAsync<T>(
        string connectionString,
        Func<PostgresSession, Task<T>> ask,
        CancellationToken cancellation
    )
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Pooling = false,
            Timeout = PatienceSeconds,
            CommandTimeout = PatienceSeconds,
            ApplicationName = "orchestra doctor",
        };
        await using var connection = new NpgsqlConnection(builder.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            return await ask(new PostgresSession(connection));
        }
        catch (Exception e) when (PostgresDatabase.IsOfDatabase(e))
        {
            throw new SchemaException(e.Message);
        }
    }

    private static PostgresFacts Read(
        NpgsqlDataReader row,
        IReadOnlyList<(string, string)> doubtful,
        TimeSpan roundTrip,
        DateTimeOffset here
    ) =>
        new(
            row.GetInt32(0),
            row.GetString(1),
            row.GetBoolean(2),
            row.GetFieldValue<string[]>(3).ToHashSet(),
            row.GetBoolean(4),
            row.GetBoolean(5),
            row.GetInt32(6),
            row.GetInt32(7),
            row.GetInt64(8),
            row.GetDouble(9),
            row.GetFieldValue<string[]>(10).ToHashSet(),
            row.GetTime(11) - here,
            roundTrip,
            doubtful
        );
}

/// <param name="Version">Of the server, the first number.</param>
/// <param name="Login">Who asked.</param>
/// <param name="IsSuperuser">Whether no right and no wall holds for it.</param>
/// <param name="Roles">Of Orchestra's, those it has the rights of.</param>
/// <param name="IsStandby">Whether nothing can be written there.</param>
/// <param name="IsEncrypted">Whether the connection is.</param>
/// <param name="Connections">That logins which are no superusers may open together.</param>
/// <param name="OpenConnections">That are open, of all databases.</param>
/// <param name="Bytes">Of the database.</param>
/// <param name="RandomPageCost">As the planner has it.</param>
/// <param name="Extensions">That the database has.</param>
/// <param name="Ahead">How far the database's clock is ahead of this machine's.</param>
/// <param name="RoundTrip">How long a question takes.</param>
/// <param name="Off">Settings that are off, or have no bound, and should.</param>
public sealed record PostgresFacts(
    int Version,
    string Login,
    bool IsSuperuser,
    IReadOnlySet<string> Roles,
    bool IsStandby,
    bool IsEncrypted,
    int Connections,
    int OpenConnections,
    long Bytes,
    double RandomPageCost,
    IReadOnlySet<string> Extensions,
    TimeSpan Ahead,
    TimeSpan RoundTrip,
    IReadOnlyList<(string Name, string Value)> Off
);

/// <param name="Name">And address.</param>
/// <param name="Silence">Since it last wrote that it is alive.</param>
public sealed record KnownSilo(string Name, TimeSpan Silence);
