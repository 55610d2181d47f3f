namespace Orchestra.Grains.Interfaces;

/// <summary>
/// Embeds what owners write, soon after they did. There is one only where a model is configured and the
/// store keeps vectors.
/// </summary>
public interface IEmbeddingGrain : IScheduledGrain;
