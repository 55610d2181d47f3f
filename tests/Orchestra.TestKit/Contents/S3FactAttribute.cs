using Xunit;

namespace Orchestra.TestKit.Contents;

/// <summary>
/// A test that needs an S3 server. It is skipped where ./test.sh, or whoever runs the tests, has not
/// said in ORCHESTRA_TEST_S3 in which folder one is: see <c>tests/s3-server.sh</c>.
/// </summary>
public sealed class S3FactAttribute : FactAttribute
{
    internal const string Reason = $"{Variable} names no folder with an S3 server";

    private const string Variable = "ORCHESTRA_TEST_S3";

    public S3FactAttribute()
    {
        if (Root is null)
            Skip = Reason;
    }

    /// <summary>Null = there is none.</summary>
    internal static string? Root =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } root ? root : null;
}

/// <inheritdoc cref="S3FactAttribute"/>
public sealed class S3TheoryAttribute : TheoryAttribute
{
    public S3TheoryAttribute()
    {
        if (S3FactAttribute.Root is null)
            Skip = S3FactAttribute.Reason;
    }
}
