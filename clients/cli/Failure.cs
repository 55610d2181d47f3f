using System.Net.WebSockets;
using Microsoft.Data.Sqlite;
using Orchestra.Cli.Terminal;
using Orchestra.Sync.Errors;

namespace Orchestra.Cli;

/// <summary>What went wrong, and what to do about it.</summary>
internal sealed class CommandFailure(string message, string cure, int exitCode = ExitCode.Failed)
    : Exception(message)
{
    public string Cure { get; } = cure;

    public int ExitCode { get; } = exitCode;
}

/// <summary>The one place where an exception becomes two lines and an exit code.</summary>
internal static class Failure
{
    public static int Report(Screen screen, Exception error)
    {
        if (error is OperationCanceledException { InnerException: not TimeoutException })
            return ExitCode.Failed;
        var (message, cure, code) = Describe(error);
        screen.Error($"error: {message}");
        if (cure is not null)
            screen.Error($"       {cure}");
        return code;
    }

    private static (string Message, string? Cure, int Code) Describe(Exception error) =>
        error switch
        {
            CommandFailure failure => (failure.Message, failure.Cure, failure.ExitCode),
            SyncException sync => (
                $"{sync.Message} ({sync.Code.Name()})",
                Cure(sync.Code),
                sync.Code is ErrorCode.Unauthenticated or ErrorCode.TokenExpired
                    ? ExitCode.NotLoggedIn
                    : ExitCode.Failed
            ),
            WebSocketException or HttpRequestException or TaskCanceledException => (
                $"The server cannot be reached: {Innermost(error).Message}",
                "Is it running? What you write here is kept and sent by the next orchestra sync.",
                ExitCode.NotReached
            ),
            SqliteException sqlite => (
                $"The database cannot be used: {sqlite.Message}",
                "Check the path, its permissions and the free space.",
                ExitCode.Failed
            ),
            IOException or UnauthorizedAccessException => (error.Message, null, ExitCode.Failed),
            _ => (error.ToString(), "This is a defect; please report it.", ExitCode.Failed),
        };

    private static string? Cure(ErrorCode code) =>
        code switch
        {
            ErrorCode.Unauthenticated or ErrorCode.TokenExpired => "Run orchestra login.",
            ErrorCode.DeviceForked =>
                "Run orchestra init in a new place; this database's own changes are still in it.",
            ErrorCode.DeviceRevoked => "Run orchestra init in a new place to use a new device.",
            ErrorCode.DeviceLimit => "Revoke a device that is no longer used.",
            ErrorCode.UnknownEntity => "Run orchestra sync to learn what the server has.",
            _ => null,
        };

    private static Exception Innermost(Exception error) =>
        error.InnerException is { } inner ? Innermost(inner) : error;
}
