using System.Diagnostics;
using Rmt.Adapter;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Benchmarks.Gpu;

/// <summary>A recurrent step over and over: other windows every time, laid out and uploaded, each reading the memory that the last one left.</summary>
internal sealed class StepWork : IDisposable
{
    // Windows that there are; and steps that are given to a GPU before anyone waits for it, as in a long document.
    private const int Windows = 16;

    private readonly RecurrentClassifier model;
    private readonly Segmenter segmenter;
    private readonly ReadOnlyMemory<int>[][] segments;      // Windows × A
    private readonly Tensor[] memories;                     // A × [m, H]
    private readonly bool onDevice;
    private int next;

    /// <param name="model">In evaluation mode; not disposed here.</param>
    /// <param name="batch">Windows side by side.</param>
    /// <param name="masked">Whether rows end somewhere in the second half of the window.</param>
    public StepWork(RecurrentClassifier model, int batch, bool masked = false)
    {
        var layout = model.Adapter.Layout;
        (this.model, segmenter, onDevice) = (model, new(layout), model.Adapter.Device.type != DeviceType.CPU);
        var dice = new Random(RandomModel.Seed);
        segments = [.. Enumerable.Range(0, Windows).Select(_ => Enumerable.Range(0, batch).Select(row => Random(dice, masked && row > 0 ? dice.Next(layout.TokensPerSegment / 2, layout.TokensPerSegment) : layout.TokensPerSegment)).ToArray())];
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        memories = [.. Enumerable.Range(0, batch).Select(_ => model.Adapter.InitialMemory(1).Tokens[0].clone().DetachFromDisposeScope())];
    }

    /// <summary>A step; the device is not waited for.</summary>
    public void Step()
    {
        using var scope = NewDisposeScope();
        var read = segments[next++ % Windows];
        if (model.Recorded.Apply && model.Recorded.Read(read, memories, memories, read.Length) is not null) return;
        var output = model.Adapter.call(segmenter.Windows(read, model.Adapter.Device), new(stack(memories)));
        var written = output.Memory.Tokens.unbind();
        for (var i = 0; i < memories.Length; i++)
        {
            memories[i].Dispose();
            memories[i] = written[i].clone().DetachFromDisposeScope();
        }
    }

    /// <summary>Milliseconds of a step, after warming up.</summary>
    /// <param name="seconds">For so long, once at least.</param>
    /// <param name="wait">Until the device is done.</param>
    /// <param name="times">Those of earlier passes, to which these are added.</param>
    public void Measure(double seconds, Action wait, List<double> times)
    {
        using var mode = inference_mode();
        var together = onDevice ? Windows : 1;
        for (var i = onDevice ? 4 : 1; i > 0; i--) Step();
        wait();
        var begin = Stopwatch.GetTimestamp();
        do
        {
            var since = Stopwatch.GetTimestamp();
            for (var i = 0; i < together; i++) Step();
            wait();
            times.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds / together);
        }
        while (Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds);
    }

    private static ReadOnlyMemory<int> Random(Random dice, int length)
    {
        var tokens = new int[length];
        for (var i = 0; i < length; i++) tokens[i] = dice.Next(RandomModel.FirstWord, Shapes.Vocabulary);
        return tokens;
    }

    public void Dispose()
    {
        foreach (var memory in memories) memory.Dispose();
    }
}
