using System.Runtime.InteropServices;

namespace Rmt.Host;

/// <summary>The first Ctrl-C asks the work to end after the step in progress; the second ends the process.</summary>
/// <remarks>A native call cannot be interrupted. What was done is told by whoever registered with <see cref="Token"/>:
/// its callbacks run at once, on the thread of the signal.</remarks>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration _registration;

    public Interruption() => _registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);

    public CancellationToken Token => _source.Token;

    private void Interrupt(PosixSignalContext signal)
    {
        if (_source.IsCancellationRequested)
            return;   // the second one: the default, which is the end
        signal.Cancel = true;
        _source.Cancel();
    }

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
