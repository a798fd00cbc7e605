namespace Rmt.Benchmarks.Service;

/// <summary>The service at work in slices, between which it stands still: from the end of a step to the end of a step.</summary>
internal sealed class ServiceTurn
{
    private readonly ServiceProcess _service;
    private readonly ServiceCounts _from;
    private readonly SpeedClock _clock;

    private ServiceTurn(ServiceProcess service, ServiceCounts from)
    {
        (_service, _from, _clock) = (service, from, new(service.Id));
        Pause();
    }

    /// <param name="service">It stands still, before and after.</param>
    public static async Task<ServiceTurn> BeginAsync(ServiceProcess service)
    {
        service.Continue();
        return new(service, await service.NextStepAsync());
    }

    /// <summary>A slice. What a signal takes counts as the service's time.</summary>
    public async Task GoOnAsync(MixedLoad load, TimeSpan time)
    {
        Continue();
        _ = await load.KeepAsync(time);
        Pause();
    }

    /// <summary>Finishes a step.</summary>
    /// <returns>How fast it was, and how many documents a step had.</returns>
    public async Task<(Speed Speed, double Rows)> EndAsync()
    {
        Continue();
        var until = await _service.NextStepAsync();
        Pause();
        return (_clock.Of(until.Segments - _from.Segments), (until.Rows - _from.Rows) / (until.Steps - _from.Steps));
    }

    private void Continue()
    {
        _clock.Continue();
        _service.Continue();
    }

    private void Pause()
    {
        _service.Pause();
        _clock.Pause();
    }
}
