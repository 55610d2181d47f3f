using System.Globalization;
using Microsoft.AspNetCore.Http;
using Orchestra.Sync;
using Orchestra.Sync.Errors;
using Orchestra.Sync.Search;
using Orchestra.Sync.Store;
using Orchestra.Sync.Wire;

namespace Orchestra.Gateway.Http;

/// <summary>Reads a query string as strictly as a message. Every failure is <c>malformed</c>.</summary>
internal readonly struct QueryReader(IQueryCollection query)
{
    public Guid RequireUuid(string name) => FindUuid(name) ?? throw Missing(name);

    public long RequireInteger(string name) => FindInteger(name) ?? throw Missing(name);

    /// <summary>Any text but none.</summary>
    public string RequireText(string name, int most)
    {
        var text = Find(name) ?? throw Missing(name);
        return text.Length <= most
            ? text
            : throw Malformed(name, $"is longer than {most} characters");
    }

    public Guid? FindUuid(string name)
    {
        if (Find(name) is not { } text)
            return null;
        return CanonicalUuid.TryParse(text, out var id)
            ? id
            : throw Malformed(name, "is a UUID in lower case with hyphens");
    }

    /// <summary>Any whole number; whether it means something is for the request to say.</summary>
    public long? FindInteger(string name)
    {
        if (Find(name) is not { } text)
            return null;
        return TryReadInteger(text, NumberStyles.AllowLeadingSign, out var value)
            ? value
            : throw Malformed(name, "is a whole number");
    }

    public int? FindCount(string name, int most)
    {
        if (Find(name) is not { } text)
            return null;
        return TryReadInteger(text, NumberStyles.None, out var value) && value >= 1 && value <= most
            ? (int)value
            : throw Malformed(name, $"is a whole number from 1 to {most}");
    }

    /// <summary>Names with commas between them.</summary>
    public IReadOnlyList<string>? FindNames(string name) => Find(name)?.Split(',');

    /// <summary>A <c>next</c> that an earlier page gave.</summary>
    public ConflictPosition? FindPosition(string name)
    {
        if (Find(name) is not { } text)
            return null;
        var parts = text.Split('.');
        return
            parts.Length == 2
            && TryReadInteger(parts[0], NumberStyles.None, out var commitNo)
            && TryReadInteger(parts[1], NumberStyles.None, out var ordinal)
            && ordinal <= int.MaxValue
            ? new ConflictPosition(commitNo, (int)ordinal)
            : throw Malformed(name, "is the next of an earlier page");
    }

    /// <summary>By words, unless it is said otherwise.</summary>
    public SearchMode FindMode(string name) =>
        Find(name) is not { } text ? SearchMode.Words
        : EnumNames<SearchMode>.TryRead(text, out var mode) ? mode
        : throw Malformed(name, "is words, meaning or hybrid");

    /// <summary>A <c>next</c> that an earlier page of a search gave.</summary>
    public SearchPosition? FindSearchPosition(string name) =>
        Find(name) is not { } text
            ? null
            : SearchPosition.TryParse(text)
                ?? throw Malformed(name, "is the next of an earlier page");

    private string? Find(string name) =>
        query[name] switch
        {
            [] => null,
            [""] => null,
            [var text] => text,
            _ => throw Malformed(name, "is given once"),
        };

    private static bool TryReadInteger(string text, NumberStyles style, out long value) =>
        long.TryParse(text, style, CultureInfo.InvariantCulture, out value);

    private static SyncException Missing(string name) => Malformed(name, "is missing");

    private static SyncException Malformed(string name, string what) =>
        new(ErrorCode.Malformed, $"The query's {name} {what}", name);
}
