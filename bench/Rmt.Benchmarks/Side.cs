using System.Diagnostics;
using System.Globalization;

namespace Rmt.Benchmarks;

/// <summary>Nanoseconds a call, by the clock and of processor time.</summary>
/// <param name="Median">By the clock.</param>
/// <param name="Least">By the clock.</param>
/// <param name="Processor">Mean of all threads together: what other programs take from the machine does not count.</param>
/// <param name="Calls">How many were measured.</param>
internal readonly record struct Timing(double Median, double Least, double Processor, int Calls);

/// <summary>One side of a comparison: a process of its own that measures when it is told to, and sleeps while the other side does.</summary>
internal sealed class Side : IDisposable
{
    private readonly Process process;

    private Side(Process process, double checksum, double milliseconds) => (this.process, Checksum, Milliseconds) = (process, checksum, milliseconds);

    /// <summary>What it computed while warming up: sides that differ here did not do the same.</summary>
    public double Checksum { get; }

    /// <summary>What its last call of the warm-up took.</summary>
    public double Milliseconds { get; }

    /// <summary>This program once more.</summary>
    public static Side Ours(Options options, params string[] work)
    {
        var program = Environment.ProcessPath!;
        var assembly = Path.Combine(AppContext.BaseDirectory, "Rmt.Benchmarks.dll");
        string[] self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? ["exec", assembly] : [];
        return Start(program, [.. self, SideLoop.Argument, .. work], options.Threads);
    }

    /// <summary>The C++ program.</summary>
    public static Side Bare(Options options, params string[] work)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "rmt-bare");
        if (!File.Exists(program)) throw new FileNotFoundException($"{program} is not there: the build makes it, with the native provider only (TorchProvider=Native)");
        return Start(program, work, options.Threads);
    }

    private static Side Start(string program, string[] arguments, int threads)
    {
        var text = threads.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo(program, [.. arguments, text]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        // A BLAS that has threads of its own reads this before anyone can call set_num_threads.
        foreach (var variable in new[] { "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS" }) start.Environment[variable] = text;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var ready = Answer(process, program, words: 3);
        return new(process, ready[1], ready[2]);
    }

    /// <summary>Calls for so long, once at least.</summary>
    public Timing Measure(double seconds)
    {
        process.StandardInput.WriteLine(seconds.ToString(CultureInfo.InvariantCulture));
        process.StandardInput.Flush();
        var answer = Answer(process, process.StartInfo.FileName, words: 4);
        return new(answer[0], answer[1], answer[2], (int)answer[3]);
    }

    private static double[] Answer(Process process, string program, int words)
    {
        var line = process.StandardOutput.ReadLine();
        if (line?.Split(' ') is not { } parts || parts.Length != words)
            throw new InvalidOperationException($"{Path.GetFileName(program)} {string.Join(' ', process.StartInfo.ArgumentList)} ended without an answer: '{line}'");
        return [.. parts.Select(word => word == "ready" ? 0 : double.Parse(word, CultureInfo.InvariantCulture))];
    }

    public void Dispose()
    {
        process.StandardInput.Close();      // the end of its questions is the end of the process
        if (!process.WaitForExit(TimeSpan.FromSeconds(10))) process.Kill();
        process.Dispose();
    }
}
