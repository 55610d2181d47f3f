namespace Orchestra.Tests.Cluster.Cluster;

/// <summary>Tests that start so many processes that nothing else shall run beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
