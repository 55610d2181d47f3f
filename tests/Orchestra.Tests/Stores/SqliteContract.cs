using Orchestra.TestKit.Stores;

namespace Orchestra.Tests.Stores;

public sealed class SqliteCatalogContract() : CatalogContract(new SqliteBench(inMemory: false));

public sealed class SqliteCommitContract() : CommitContract(new SqliteBench(inMemory: false));

public sealed class SqliteFenceContract() : FenceContract(new SqliteBench(inMemory: false));

public sealed class SqliteOwnerContract() : OwnerContract(new SqliteBench(inMemory: false));

public sealed class SqlitePageContract() : PageContract(new SqliteBench(inMemory: false));

public sealed class SqliteRowContract() : RowContract(new SqliteBench(inMemory: false));

public sealed class SqliteSearchContract() : SearchContract(new SqliteBench(inMemory: false));
