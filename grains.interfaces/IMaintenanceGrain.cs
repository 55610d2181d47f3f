namespace Orchestra.Grains.Interfaces;

/// <summary>Collects what is old, once an hour. There is one only where the store has maintenance.</summary>
public interface IMaintenanceGrain : IScheduledGrain;
