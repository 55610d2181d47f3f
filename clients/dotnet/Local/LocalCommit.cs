namespace Orchestra.Client.Local;

/// <summary>What a transaction did, told after it is durable.</summary>
/// <param name="Touched">Which types' rows may look different.</param>
/// <param name="Version">How far the owner's history has been applied.</param>
/// <param name="Outbox">How many changes wait; null if the transaction added none.</param>
internal sealed record LocalCommit(TouchedTypes Touched, long Version, long? Outbox);
