using System.Globalization;

namespace Orchestra.TestKit.Simulation.Machine;

/// <summary>
/// What happened, line by line. Two runs of one seed have the same hash, or chance came from
/// somewhere else.
/// </summary>
internal sealed class Trace(bool keepsLines)
{
    private readonly List<string> lines = [];
    private ulong hash = 14_695_981_039_346_656_037;

    public IReadOnlyList<string> Lines => lines;

    public long Count { get; private set; }

    public string Hash => hash.ToString("x16", CultureInfo.InvariantCulture);

    public void Add(TimeSpan now, string who, string what)
    {
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{now.TotalMilliseconds, 12:F3} {who, -10} {what}"
        );
        foreach (var letter in line)
            hash = (hash ^ letter) * 1_099_511_628_211;
        Count++;
        if (keepsLines)
            lines.Add(line);
    }
}
