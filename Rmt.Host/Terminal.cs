using System.Text;
using Microsoft.Win32.SafeHandles;
using Rmt.Host.Input;
using Rmt.Host.Output;

namespace Rmt.Host;

/// <summary>Where the program speaks and listens. Results go to <see cref="Out"/>, everything else to <see cref="Error"/>.</summary>
internal sealed class Terminal : IDisposable
{
    public required TextWriter Out { get; init; }
    public required TextWriter Error { get; init; }
    public required Func<Stream> OpenInput { get; init; }
    public bool OutIsTerminal { get; init; }
    public bool ErrorIsTerminal { get; init; }
    public int Width { get; init; } = 120;
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public static Terminal OfThisProcess(CancellationToken cancellation) => new()
    {
        Out = new StreamWriter(StandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 14),
        Error = TextWriter.Synchronized(new StreamWriter(new TolerantStream(Console.OpenStandardError()), Console.Error.Encoding) { AutoFlush = true }),
        OpenInput = () => new InterruptibleStream(Console.OpenStandardInput(), cancellation),
        OutIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        Width = !Console.IsOutputRedirected && Console.WindowWidth > 0 ? Math.Max(40, Console.WindowWidth) : 120,
    };

    /// <summary>Nobody reads stdout any more, as in <c>rmt classify … | head</c>.</summary>
    public static bool IsBrokenPipe(Exception error) => error is IOException { HResult: 32 };   // EPIPE

    public void Dispose()
    {
        try
        {
            Out.Dispose();
        }
        catch (IOException error) when (IsBrokenPipe(error))
        {
            // Said once already, and there is nobody to hear it.
        }
    }

    // Console's own stream drops what it writes to a broken pipe without a word, so '| head' would leave the work running to its end.
    // A FileStream tells, but in a file it writes by position and leaves the shell's own where it was: a second program would write over it.
    private static Stream StandardOutput()
    {
        var stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return stream.CanSeek ? Console.OpenStandardOutput() : stream;
    }
}
