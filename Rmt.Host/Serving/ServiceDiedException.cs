namespace Rmt.Host.Serving;

/// <summary>The worker of the service is gone for good. What it held was given back.</summary>
internal sealed class ServiceDiedException(Exception why) : Exception($"the service died: {why.Message.Split('\n')[0].TrimEnd()}", why);
