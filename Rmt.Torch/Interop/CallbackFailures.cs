using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace TorchSharp.Interop;

/// <summary>Exceptions on their way through C++, which carries only their number: .NET's must not unwind through its frames.</summary>
internal static class CallbackFailures
{
    // If several callbacks of one backward fail, libtorch reports the first; the others stay here, which is rare and small.
    private static readonly ConcurrentDictionary<long, ExceptionDispatchInfo> Filed = [];
    private static long last;

    internal static long File(Exception exception)
    {
        var number = Interlocked.Increment(ref last);
        Filed[number] = ExceptionDispatchInfo.Capture(exception);
        return number;
    }

    /// <summary>Throws the same exception again, its stack trace kept.</summary>
    internal static void Rethrow(long number)
    {
        if (Filed.TryRemove(number, out var exception)) exception.Throw();
    }
}
