using Orchestra.Sync.Errors;

namespace Orchestra.Tests.Protocol;

/// <summary>No error code is only on paper: each is provoked the way a client would meet it.</summary>
[Collection(nameof(SharedServer))]
public sealed class ErrorsProvokedTests(SharedServer shared)
{
    /// <summary>Codes of features that are not there yet.</summary>
    private static readonly ErrorCode[] Later = [ErrorCode.HashMismatch];

    public static TheoryData<ErrorCode> Codes => new(Provocations.All.Keys);

    [Fact]
    public void Every_code_is_provoked_or_comes_later_and_none_is_both() =>
        Assert.Equal(
            Enum.GetValues<ErrorCode>(),
            Provocations.All.Keys.Concat(Later).Order().ToArray()
        );

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task It_is_what_the_client_sees(ErrorCode code) =>
        Assert.Equal(code.Name(), await Provocations.All[code](shared.Server));
}
