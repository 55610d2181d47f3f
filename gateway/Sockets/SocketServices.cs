using Microsoft.Extensions.Logging;
using Orchestra.Gateway.Authentication;
using Orchestra.Gateway.Errors;
using Orchestra.Gateway.Feeds;
using Orchestra.Gateway.Quotas;
using Orchestra.Gateway.Requests;

namespace Orchestra.Gateway.Sockets;

/// <summary>What every socket of the process shares. Without a scheduler, the thread pool.</summary>
internal sealed record SocketServices(
    AccessTokens Tokens,
    OwnerRequests Requests,
    FrameReader Frames,
    CatalogView Catalogs,
    OwnerFeeds Feeds,
    AckForwarder Acks,
    ErrorAnswers Errors,
    TimeProvider Time,
    ILogger<SocketServices> Log,
    RequestRates? Rates = null,
    Admission? Admission = null,
    MessageRate? Pace = null,
    TaskScheduler? Scheduler = null
);
