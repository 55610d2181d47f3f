namespace Orchestra.Grains.Interfaces;

/// <summary>Collects contents that no row names, once a day. There is one only where contents are kept.</summary>
public interface IContentsGrain : IScheduledGrain;
