namespace Orchestra.Silo.Configuration;

/// <summary>A setting that the silo cannot start with; the message is the sentence to print.</summary>
internal sealed class SettingException(string message) : Exception(message);
