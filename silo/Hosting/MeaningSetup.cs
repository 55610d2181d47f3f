using Orchestra.Database.Embeddings;
using Orchestra.Grains;
using Orchestra.Silo.Configuration;
using Orchestra.Sync.Search;

namespace Orchestra.Silo.Hosting;

/// <summary>Search by meaning, where the store keeps vectors; with a model, where one is configured.</summary>
internal static class MeaningSetup
{
    /// <exception cref="SettingException">There is a model, and nowhere to keep what it gives.</exception>
    public static void AddMeaning(
        this IServiceCollection services,
        EmbeddingSettings? settings,
        IMeaningStore? store
    )
    {
        if (store is null)
        {
            if (settings is not null)
                throw new SettingException(
                    "Orchestra:Embeddings:Url is set, but the database keeps no vectors: install pgvector "
                        + "0.8 or newer and run \"silo migrate\"."
                );
            return;
        }
        services.AddMeaning(store);
        if (settings is null)
            return;
        // By way of a factory, because the container closes only what it made.
        services.AddSingleton<IEmbedder>(_ => new OpenAiEmbedder(settings.Endpoint));
        services.AddEmbeddings(new(settings.Delay));
    }
}
