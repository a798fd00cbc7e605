using System.Diagnostics;
using Rmt.Adapter;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Benchmarks.Gpu;

/// <summary>The adapter's step over and over: other windows every time, uploaded, each reading the memory that the last one left.</summary>
internal sealed class StepWork : IDisposable
{
    // Windows that are there before; and steps that are given to a GPU before anyone waits for it, as in a long document.
    private const int Windows = 16;

    private readonly RecurrentClassifier model;
    private readonly Tensor[] ids;
    private readonly Tensor? mask;
    private readonly bool onDevice;
    private MemoryState memory;
    private int next;

    /// <param name="model">In evaluation mode; not disposed here.</param>
    /// <param name="batch">Windows side by side.</param>
    /// <param name="masked">Whether rows end somewhere in the second half of the window.</param>
    public StepWork(RecurrentClassifier model, int batch, bool masked = false)
    {
        var (adapter, layout) = (model.Adapter, model.Adapter.Layout);
        (this.model, onDevice) = (model, adapter.Device.type != DeviceType.CPU);
        var dice = new Random(RandomModel.Seed);
        ids = [.. Enumerable.Range(0, Windows).Select(_ => Random(dice, layout, batch))];       // [B, L] each
        using var scope = NewDisposeScope();
        memory = new(adapter.InitialMemory(batch).Tokens.clone().DetachFromDisposeScope());
        if (!masked) return;
        var seen = new bool[batch * layout.Window];
        for (var row = 0; row < batch; row++) seen.AsSpan(row * layout.Window, dice.Next(layout.Window / 2, layout.Window)).Fill(true);
        mask = tensor(seen, [batch, layout.Window]).to(adapter.Device).DetachFromDisposeScope();
    }

    /// <summary>A step; the device is not waited for.</summary>
    public void Step()
    {
        var window = ids[next++ % ids.Length];
        using var uploaded = onDevice ? window.to(model.Adapter.Device, non_blocking: true) : window.alias();
        var output = Way.Step(model, new(uploaded, mask, null), memory);
        output.Hidden.Dispose();
        memory.Tokens.Dispose();
        memory = output.Memory;
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

    private static Tensor Random(Random dice, SegmentLayout layout, int batch)
    {
        var windows = new long[batch * layout.Window];
        var tokens = new int[layout.TokensPerSegment];
        for (var row = 0; row < batch; row++)
        {
            for (var i = 0; i < tokens.Length; i++) tokens[i] = dice.Next(RandomModel.FirstWord, Shapes.Vocabulary);
            layout.Fill(tokens, windows.AsSpan(row * layout.Window, layout.Window));
        }
        return tensor(windows, [batch, layout.Window]);
    }

    public void Dispose()
    {
        memory.Tokens.Dispose();
        mask?.Dispose();
        foreach (var window in ids) window.Dispose();
    }
}
