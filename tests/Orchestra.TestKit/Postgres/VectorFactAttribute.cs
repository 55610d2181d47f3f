using Xunit;

namespace Orchestra.TestKit.Postgres;

/// <summary>
/// A test that needs pgvector. It is skipped where ./test.sh, or whoever runs the tests, has not said
/// in ORCHESTRA_TEST_VECTOR_POSTGRES below which root folder there is a PostgreSQL that has it.
/// </summary>
public sealed class VectorFactAttribute : FactAttribute
{
    private const string Variable = "ORCHESTRA_TEST_VECTOR_POSTGRES";

    public VectorFactAttribute()
    {
        if (Root is null)
            Skip = $"{Variable} names no PostgreSQL with pgvector";
    }

    public static bool IsThere => Root is not null;

    /// <summary><c>/</c> is this system, any other folder a chroot; null = there is none.</summary>
    internal static string? Root =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } root ? root : null;
}
