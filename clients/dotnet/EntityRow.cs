using Orchestra.Sync;

namespace Orchestra.Client;

/// <summary>A row as the app sees it.</summary>
/// <param name="Id">The row's id.</param>
/// <param name="Version">The server's version of it; 0 while only this device has it.</param>
/// <param name="Fields">Every field, null ones included.</param>
public sealed record EntityRow(
    Guid Id,
    long Version,
    IReadOnlyDictionary<string, FieldValue> Fields
);
