using Orchestra.Sync;
using Orchestra.TestKit.Clusters;
using Orchestra.TestKit.Stores;

namespace Orchestra.TestKit.Silos;

/// <summary>
/// What a client sees of a server, whether that is one process or five: the tests of the protocol
/// know no more of it.
/// </summary>
public interface IServerUnderTest : IAsyncDisposable
{
    /// <summary>Set to <c>cluster</c>, it makes every such server one of five processes.</summary>
    public const string Variable = "ORCHESTRA_TEST_SERVER";

    /// <summary>Where clients connect.</summary>
    Uri Gateway { get; }

    /// <summary>Speaks to the gateway, without a token of its own.</summary>
    HttpClient Http { get; }

    /// <summary>The database, for those that go behind the server's back.</summary>
    StoreUnderTest Store { get; }

    /// <summary>The key that signs development tokens.</summary>
    string DevelopmentKeyFile { get; }

    /// <summary>A token as a developer gets one.</summary>
    Task<string> TokenAsync(OwnerId owner);

    /// <summary>Starts what the environment says.</summary>
    public static async Task<IServerUnderTest> StartAsync() =>
        Environment.GetEnvironmentVariable(Variable) == "cluster"
            ? await ProcessCluster.StartAsync()
            : await RunningSilo.StartAsync();
}
