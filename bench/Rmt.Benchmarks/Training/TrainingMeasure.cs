using System.Diagnostics;
using System.Runtime.InteropServices;
using Rmt.Adapter;

namespace Rmt.Benchmarks;

/// <summary>The clock of an update.</summary>
/// <param name="Milliseconds">Of each update after the first two, each waited for.</param>
/// <param name="Tokens">Content tokens of an update.</param>
/// <param name="Peak">MiB that tensors held at most.</param>
/// <param name="Ops">How layers learnt: in <c>fused</c> steps or in <c>plain</c> layers.</param>
/// <param name="Error">Why there is nothing else.</param>
internal sealed record TrainingMeasure(IReadOnlyList<double> Milliseconds, long Tokens, double? Peak, string Ops, string? Error)
{
    private const int WarmUp = 2, Least = 5, Most = 1000;
    private const double Dropout = 0.1;

    /// <summary>How gradients are propagated back, by name. Recompute: the graphs of all segments, but for the inside of their layers.</summary>
    public static IReadOnlyDictionary<string, (IBackpropagation Way, bool Recomputes)> Methods { get; } = new Dictionary<string, (IBackpropagation, bool)>
    {
        ["plain"] = (new BackpropagationThroughTime(), false), ["replay"] = (new MemoryReplay(), false), ["recompute"] = (new BackpropagationThroughTime(), true),
    };

    /// <summary>Updates for so many seconds, five at least.</summary>
    public static TrainingMeasure Of(string shape, string type, int batch, int segments, string method, string device, bool plainOps, double seconds)
    {
        var (way, recomputes) = Methods[method];
        var times = new List<double>();
        using var work = new TrainingWork(shape, batch, segments, shorter: 0, Dropout, type, device, plainOps) { Recomputes = recomputes };
        work.ForgetPeak();
        try
        {
            for (var i = 0; i < WarmUp; i++) work.Update(way);
            for (var begin = Stopwatch.GetTimestamp(); times.Count < Least || (times.Count < Most && Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds);)
            {
                var since = Stopwatch.GetTimestamp();
                work.Update(way);
                times.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            }
            return new(times, work.Tokens, work.Peak(), work.Ops, null);
        }
        catch (ExternalException error)     // out of memory: the other lines go on
        {
            return new([], work.Tokens, null, work.Ops, error.Message.Split('\n')[0]);
        }
    }
}
