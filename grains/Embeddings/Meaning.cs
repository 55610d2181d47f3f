using Orchestra.Sync.Search;

namespace Orchestra.Grains.Embeddings;

/// <summary>What a silo has for searches by meaning, where the store keeps vectors.</summary>
/// <param name="Store">The vectors.</param>
/// <param name="Texts">What they are of.</param>
/// <param name="Embedder">Null = only clients give vectors.</param>
internal sealed record Meaning(IMeaningStore Store, RowTexts Texts, IEmbedder? Embedder = null);
