namespace Orchestra.Silo.Configuration;

/// <summary>Who may read <c>/metrics</c>.</summary>
internal enum Scrapers
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>Those who may see the other pages of the admin listener.</summary>
    Operators,

    /// <summary>Whoever reaches the listener.</summary>
    Anybody,
}

/// <summary>What is measured and traced, and for whom.</summary>
/// <param name="Scrapers">Of metrics.</param>
/// <param name="IsSent">Whether metrics, traces and logs are sent over OTLP.</param>
/// <param name="TraceRatio">
/// The part of the pushes that are traced, 0 to 1; null = as <c>OTEL_TRACES_SAMPLER</c> says.
/// </param>
internal sealed record TelemetrySettings(Scrapers Scrapers, bool IsSent, double? TraceRatio)
{
    private const string Key = "Orchestra:Telemetry:TraceRatio";

    /// <param name="options">Ours.</param>
    /// <param name="configuration">Those of OpenTelemetry, by their standard names.</param>
    /// <param name="hasOperators">Whether anybody may see the other pages.</param>
    /// <exception cref="SettingException">The first thing that is wrong.</exception>
    public static TelemetrySettings Of(
        OrchestraOptions options,
        IConfiguration configuration,
        bool hasOperators
    )
    {
        var section = options.Telemetry;
        if (section.TraceRatio is not (>= 0 and <= 1))
            throw new SettingException($"{Key} is {section.TraceRatio}, which is not 0 to 1.");
        return new(
            section.OpenMetrics ? Scrapers.Anybody
                : hasOperators ? Scrapers.Operators
                : Scrapers.None,
            configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 },
            configuration["OTEL_TRACES_SAMPLER"] is { Length: > 0 } ? null : section.TraceRatio
        );
    }
}
