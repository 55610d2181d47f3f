using Npgsql;
using Orchestra.Sync.Store;

namespace Orchestra.Silo.Configuration;

/// <summary>Where owners' data is.</summary>
/// <param name="DataDirectory">Absolute; of the embedded store, and of a development key.</param>
/// <param name="Postgres">Null = the embedded store.</param>
/// <param name="Retention">How long PostgreSQL keeps history.</param>
internal sealed record StoreSettings(
    string DataDirectory,
    PostgresLogins? Postgres,
    Retention Retention
)
{
    /// <summary>A hundred years: more cannot be counted back from now.</summary>
    private const int MostDays = 36_500;

    /// <summary>For commands that touch the data and nothing else.</summary>
    /// <exception cref="SettingException">A key is misspelt, or a connection string is none.</exception>
    public static StoreSettings Read(IConfiguration configuration)
    {
        KnownKeys.Require(configuration);
        var options = new OrchestraOptions();
        configuration.GetSection(KnownKeys.Root).Bind(options);
        return Of(options);
    }

    public static StoreSettings Of(OrchestraOptions options) =>
        new(
            Path.GetFullPath(options.DataDirectory),
            PostgresOf(options.Postgres),
            Require(options.Retention)
        );

    /// <exception cref="SettingException">The embedded store is configured.</exception>
    public PostgresLogins RequirePostgres(string what) =>
        Postgres
        ?? throw new SettingException(
            $"{what} is for PostgreSQL; set Orchestra:Postgres:ConnectionString."
        );

    private static Retention Require(RetentionSection section)
    {
        const string Key = "Orchestra:Retention";
        if (section.LogMonths < 1)
            throw new SettingException(
                $"{Key}:LogMonths is {section.LogMonths}, which is not 1 or more."
            );
        if (section.TombstoneDays is < 1 or > MostDays)
            throw new SettingException(
                $"{Key}:TombstoneDays is {section.TombstoneDays}, which is not 1 to {MostDays}."
            );
        if (section.MonthsAhead is < 1 or > Retention.MostMonthsAhead)
            throw new SettingException(
                $"{Key}:MonthsAhead is {section.MonthsAhead}, which is not 1 to "
                    + $"{Retention.MostMonthsAhead}."
            );
        return new(section.LogMonths, section.TombstoneDays, section.MonthsAhead);
    }

    private static PostgresLogins? PostgresOf(PostgresSection section)
    {
        const string Key = "Orchestra:Postgres:ConnectionString";
        const string MaintenanceKey = "Orchestra:Postgres:MaintenanceConnectionString";
        if (section.ConnectionString is not { } app)
            return section.MaintenanceConnectionString is null
                ? null
                : throw new SettingException($"{MaintenanceKey} is set without {Key}.");
        var maintenance = section.MaintenanceConnectionString;
        return new(
            RequireConnection(Key, app),
            maintenance is null ? app : RequireConnection(MaintenanceKey, maintenance)
        );
    }

    /// <summary>It may hold a password, so it is not shown.</summary>
    public static string RequireConnection(string key, string text)
    {
        try
        {
            var parts = new NpgsqlConnectionStringBuilder(text);
            if (string.IsNullOrEmpty(parts.Host) || string.IsNullOrEmpty(parts.Database))
                throw new SettingException(
                    $"{key} lacks a host or a database: Host=…;Database=…;Username=…"
                );
            return text;
        }
        catch (ArgumentException)
        {
            throw new SettingException(
                $"{key} is no connection string of the form Host=…;Database=…;Username=…"
            );
        }
    }
}

/// <param name="App">For everything the silo does all the time.</param>
/// <param name="Maintenance">For making, detaching and dropping months, and collecting.</param>
internal sealed record PostgresLogins(string App, string Maintenance);
