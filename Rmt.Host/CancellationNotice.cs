namespace Rmt.Host;

/// <summary>Says once that the work was cancelled: at once, on the thread of the signal, or at the latest when the work unwinds.</summary>
/// <remarks>Callbacks of a token run last registered first. One that wakes a blocked read may so let the work unwind, and dispose this,
/// before its own turn has come; a plain registration would then say nothing.</remarks>
internal sealed class CancellationNotice : IDisposable
{
    private readonly CancellationToken _cancellation;
    private readonly Action _say;
    private readonly CancellationTokenRegistration _registration;
    private int _said;

    public CancellationNotice(Action say, CancellationToken cancellation)
    {
        (_cancellation, _say) = (cancellation, say);
        _registration = cancellation.Register(Say);
    }

    private void Say()
    {
        if (Interlocked.Exchange(ref _said, 1) == 0)
            _say();
    }

    public void Dispose()
    {
        _registration.Dispose();
        if (_cancellation.IsCancellationRequested)
            Say();
    }
}
