using Orchestra.TestKit.Stores;

namespace Orchestra.Tests.Stores;

public sealed class InMemoryCatalogContract() : CatalogContract(new SqliteBench(inMemory: true));

public sealed class InMemoryCommitContract() : CommitContract(new SqliteBench(inMemory: true));

public sealed class InMemoryFenceContract() : FenceContract(new SqliteBench(inMemory: true));

public sealed class InMemoryOwnerContract() : OwnerContract(new SqliteBench(inMemory: true));

public sealed class InMemoryPageContract() : PageContract(new SqliteBench(inMemory: true));

public sealed class InMemoryRowContract() : RowContract(new SqliteBench(inMemory: true));

public sealed class InMemorySearchContract() : SearchContract(new SqliteBench(inMemory: true));
