using Orchestra.TestKit.Stores;

namespace Orchestra.Tests.Stores;

public sealed class PostgresCatalogContract() : CatalogContract(new PostgresBench());

public sealed class PostgresCommitContract() : CommitContract(new PostgresBench());

public sealed class PostgresFenceContract() : FenceContract(new PostgresBench());

public sealed class PostgresOwnerContract() : OwnerContract(new PostgresBench());

public sealed class PostgresPageContract() : PageContract(new PostgresBench());

public sealed class PostgresRowContract() : RowContract(new PostgresBench());

public sealed class PostgresSearchContract() : SearchContract(new PostgresBench());
