using Orchestra.TestKit.Processes;

namespace Orchestra.TestKit.Postgres;

/// <summary>Where PostgreSQL's programs are, and as whom they run.</summary>
/// <param name="Folder">Has <c>initdb</c> and <c>postgres</c>; as seen inside the chroot.</param>
/// <param name="Chroot">The root folder of another system that they live in; null = this one.</param>
public sealed record PostgresBinaries(string Folder, string? Chroot = null)
{
    /// <summary>PostgreSQL refuses to run as root; its packages bring this user.</summary>
    private const string User = "postgres";

    private const string DebianFolder = "/usr/lib/postgresql";

    /// <summary>Those of this machine: on the PATH, or the newest where Debian has them.</summary>
    /// <exception cref="InvalidOperationException">There are none; says what to install.</exception>
    public static PostgresBinaries Find() =>
        OnPath() ?? Newest(null) ?? throw Missing("neither on the PATH nor in " + DebianFolder);

    /// <summary>Those of a system below <paramref name="root"/>; <c>/</c> is this one.</summary>
    /// <exception cref="InvalidOperationException">There are none.</exception>
    public static PostgresBinaries FindIn(string root) =>
        root == "/" ? Find() : Newest(root) ?? throw Missing("not below " + root);

    /// <summary>A new folder that the server's user may write to.</summary>
    public async Task<string> CreateFolderAsync()
    {
        var name = $"orchestra-postgres-{Guid.NewGuid():N}"[..32];
        var folder = Chroot is null
            ? Path.Combine(Path.GetTempPath(), name)
            : Path.Combine(Chroot, "tmp", name);
        Directory.CreateDirectory(folder);
        // The name of the user, whose number may be another one in the chroot.
        if (Chroot is not null)
            await new ShellCommand("chroot", Chroot, "chown", User, Inside(folder)).RunAsync();
        else if (Environment.IsPrivilegedProcess)
            await new ShellCommand("chown", User, folder).RunAsync();
        return folder;
    }

    /// <summary>A path as the server knows it.</summary>
    internal string Inside(string path) =>
        Chroot is null ? path : "/" + Path.GetRelativePath(Chroot, path);

    /// <summary>One of the programs, run as a user that PostgreSQL accepts.</summary>
    internal ShellCommand Command(string program, params string[] arguments)
    {
        var path = Path.Combine(Folder, program);
        if (Chroot is not null)
            return new("chroot", [$"--userspec={User}:{User}", Chroot, path, .. arguments]);
        if (!Environment.IsPrivilegedProcess)
            return new(path, arguments);
        return new(
            "setpriv",
            [$"--reuid={User}", $"--regid={User}", "--init-groups", path, .. arguments]
        );
    }

    private static PostgresBinaries? OnPath()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        var folder = folders.FirstOrDefault(HasServer);
        if (folder is null)
            return null;
        // Its neighbours, pg_ctl for one, are where a link leads to.
        var initdb = new FileInfo(Path.Combine(folder, "initdb"));
        var target = initdb.ResolveLinkTarget(returnFinalTarget: true) ?? initdb;
        return new(Path.GetDirectoryName(target.FullName)!);
    }

    private static PostgresBinaries? Newest(string? root)
    {
        var versions = new DirectoryInfo((root ?? "") + DebianFolder);
        if (!versions.Exists)
            return null;
        var newest = versions
            .GetDirectories()
            .Where(version => HasServer(Path.Combine(version.FullName, "bin")))
            .MaxBy(version => int.TryParse(version.Name, out var number) ? number : 0);
        return newest is null ? null : new($"{DebianFolder}/{newest.Name}/bin", root);
    }

    private static bool HasServer(string folder) =>
        folder.Length > 0
        && File.Exists(Path.Combine(folder, "initdb"))
        && File.Exists(Path.Combine(folder, "postgres"));

    private static InvalidOperationException Missing(string where) =>
        new(
            $"PostgreSQL's server is {where}: install it, on Debian with "
                + "«apt-get install postgresql», or put its initdb and postgres on the PATH"
        );
}
