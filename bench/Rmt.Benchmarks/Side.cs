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
        var start = new ProcessStartInfo(program, [.. arguments, threads.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var process = Process.Start(start.WithThreads(threads)) ?? throw new InvalidOperationException($"{program} did not start");
        var ready = Answer(process, program, words: 3);
        return new(process, ready[1], ready[2]);
    }

    /// <summary>Calls for so long, once at least.</summary>
    public Timing Measure(double seconds)
    {
        var answer = Ask($"{seconds}", words: 4);
        return new(answer[0], answer[1], answer[2], (int)answer[3]);
    }

    /// <summary>Asks what its work knows, and waits.</summary>
    /// <param name="question">A line.</param>
    /// <param name="words">Numbers of the answer.</param>
    public double[] Ask(FormattableString question, int words)
    {
        process.StandardInput.WriteLine(question.ToString(CultureInfo.InvariantCulture));
        process.StandardInput.Flush();
        return Answer(process, process.StartInfo.FileName, words);
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
