namespace Orchestra.Database.Schema;

/// <summary>The database's tables are not what the program can work with. Ends the start.</summary>
public sealed class SchemaException(string message) : Exception(message);
