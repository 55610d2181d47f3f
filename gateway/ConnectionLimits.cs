namespace Orchestra.Gateway;

/// <summary>How many WebSockets there may be, how fast they are read, and how long it may be of no use.</summary>
/// <param name="All">Of the process, 1 or more; beyond it new ones are told <c>overloaded</c>.</param>
/// <param name="Http">Connections that are no WebSockets, or not yet, 1 or more.</param>
/// <param name="PerAddress">From one address, 0 = any number: behind a proxy all have its address.</param>
/// <param name="PerUser">Of one user, 0 = any number.</param>
/// <param name="Strangers">That have not said hello, 1 or more.</param>
/// <param name="SlowAfter">
/// After how long a device that takes in nothing of what is there for it is told
/// <c>slow_consumer</c>.
/// </param>
/// <param name="MessagesPerSecond">
/// Read of one owner's sockets together, whatever they are, twice as many after a rest; 0 = any number.
/// </param>
public sealed record ConnectionLimits(
    int All,
    int Http,
    int PerAddress,
    int PerUser,
    int Strangers,
    TimeSpan SlowAfter,
    int MessagesPerSecond
);
