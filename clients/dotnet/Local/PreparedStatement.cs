using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Orchestra.Client.Local;

/// <summary>
/// A statement that runs once a row, on SQLite's own interface: the provider looks every parameter
/// up by its name and makes an object of every value, which takes longer than SQLite itself does.
/// Parameters are written <c>?1</c>, <c>?2</c> … and keep their values until they get others; a
/// <c>$1</c> would be a name, and its number the order in which it first appears.
/// </summary>
internal sealed class PreparedStatement : IDisposable
{
    private const int UuidLength = 36;

    private readonly sqlite3 database;
    private readonly sqlite3_stmt statement;
    private byte[] text = new byte[512];

    public PreparedStatement(SqliteConnection connection, string sql)
    {
        database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(database, sql, out statement));
    }

    public void BindNull(int parameter) => Check(raw.sqlite3_bind_null(statement, parameter));

    public void Bind(int parameter, long value) =>
        Check(raw.sqlite3_bind_int64(statement, parameter, value));

    public void Bind(int parameter, double value) =>
        Check(raw.sqlite3_bind_double(statement, parameter, value));

    public void Bind(int parameter, string value)
    {
        var longest = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (text.Length < longest)
            text = new byte[longest];
        BindUtf8(parameter, text.AsSpan(0, Encoding.UTF8.GetBytes(value, text)));
    }

    /// <summary>As text in its one spelling.</summary>
    public void Bind(int parameter, Guid value)
    {
        Span<byte> utf8 = stackalloc byte[UuidLength];
        value.TryFormat(utf8, out _);
        BindUtf8(parameter, utf8);
    }

    /// <summary>Runs it, where it returns nothing.</summary>
    /// <exception cref="SqliteException">SQLite refused it.</exception>
    public void Execute()
    {
        Step();
        Reset();
    }

    /// <returns>Whether it stands on a row, until <see cref="Reset"/>.</returns>
    /// <exception cref="SqliteException">SQLite refused it.</exception>
    public bool Step()
    {
        var code = raw.sqlite3_step(statement);
        if (code == raw.SQLITE_ROW)
            return true;
        if (code != raw.SQLITE_DONE)
            Reset();
        Check(code);
        return false;
    }

    /// <param name="column">From 0.</param>
    public long Integer(int column) => raw.sqlite3_column_int64(statement, column);

    /// <summary>A statement that is not reset keeps its transaction from ending.</summary>
    public void Reset() => raw.sqlite3_reset(statement);

    public void Dispose() => statement.Dispose();

    private void BindUtf8(int parameter, ReadOnlySpan<byte> utf8) =>
        Check(raw.sqlite3_bind_text(statement, parameter, utf8));

    private void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_DONE))
            SqliteException.ThrowExceptionForRC(code, database);
    }
}
