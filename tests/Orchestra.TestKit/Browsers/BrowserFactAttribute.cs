using Xunit;

namespace Orchestra.TestKit.Browsers;

/// <summary>
/// A test that needs a browser. It is skipped where no <c>chromium-headless-shell</c> or <c>chromium</c> is
/// on the PATH: <c>./test.sh</c> installs the former where it may.
/// </summary>
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (Program is null)
            Skip = "There is no chromium-headless-shell or chromium on the PATH";
    }

    /// <summary>Null = there is none.</summary>
    public static string? Program { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .SelectMany(folder =>
                new[] { "chromium-headless-shell", "chromium" }.Select(name =>
                    Path.Combine(folder, name)
                )
            )
            .FirstOrDefault(File.Exists);
}
