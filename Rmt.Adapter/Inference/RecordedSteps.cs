using System.Runtime.InteropServices;
using Rmt.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>The steps of a classifier that were recorded, one graph a shape (<see cref="StepShapes"/>): on a CUDA device in bfloat16 and float16 a step then costs what its arithmetic costs.</summary>
/// <remarks>
/// A shape is recorded when it is met for the first time. All graphs share one memory, which is as large as the largest shape wants, and there are <see cref="Most"/> of them, of which the one
/// that was longest not asked for goes first. Where recording fails, nothing more is recorded, <see cref="WhyNot"/> says why, and steps are computed one operation after another, with the same
/// answers to the type's rounding. Weights may change where they are; a model that was moved is recorded anew. Belongs to one thread at a time; of several models each may have its own.
/// </remarks>
public sealed class RecordedSteps : IDisposable
{
    /// <summary>Graphs that are kept.</summary>
    public const int Most = 64;

    // Graphs of a device share their memory and the stream they are recorded on, whichever model they are of: held while one is recorded or given up, and from a step until what it left was read.
    internal static readonly Lock Turn = new();

    // Of the device's memory; beyond that all graphs are given up before another one is made.
    private const long MostBytes = 8L << 30;

    private readonly RecurrentMemoryAdapter adapter;
    private readonly Dictionary<StepShape, RecordedStep> steps = [];
    private readonly List<StepShape> used = [];         // the last one used at the end
    private IReadOnlyList<Tensor>? weights;             // null: not looked up
    private Origin? origin;
    private Device? device;             // of what was recorded last: weights may be gone before their graphs are
    private Action<string>? told;

    internal RecordedSteps(RecurrentMemoryAdapter adapter) => (this.adapter, Shapes) = (adapter, new(adapter.Layout.Window));

    // What graphs were made of: other weights lie elsewhere. All of them are asked, since what moved there and back may leave some where they were.
    private sealed record Origin(long[] Addresses, ScalarType Type, string Device, GeluForm Gelu)
    {
        public bool Equals(Origin? other) =>
            other is not null && (Type, Device, Gelu) == (other.Type, other.Device, other.Gelu) && Addresses.AsSpan().SequenceEqual(other.Addresses);

        public override int GetHashCode() => HashCode.Combine(Addresses.Length, Type, Device, Gelu);
    }

    /// <summary>Whether steps are recorded where that is worth it. Yes unless said.</summary>
    public bool IsOn { get; set; } = true;

    /// <summary>Recorded or not, on every device and in every type: what tests ask for.</summary>
    internal bool Everywhere { get; set; }

    /// <summary>Graphs that are kept: <see cref="Most"/>, but for tests.</summary>
    internal int MayKeep { get; set; } = Most;

    /// <summary>Is called before each recording, and may fail in its place.</summary>
    internal Action? Recording { get; set; }

    /// <summary>The shapes that there are graphs of.</summary>
    public StepShapes Shapes { get; private set; }

    /// <summary>Graphs.</summary>
    public int Count => steps.Count;

    /// <summary>Bytes of the device's memory that were taken while recording; 0 where libtorch does not say.</summary>
    public long Bytes { get; private set; }

    /// <summary>Tensors that graphs read and leave, which are there as long as these.</summary>
    internal IEnumerable<Tensor> Held => steps.Values.SelectMany(step => step.Held);

    /// <summary>Why nothing is recorded any more, in one sentence; null where nothing has failed.</summary>
    public string? WhyNot { get; private set; }

    /// <summary>Why this device records no steps that it is worth it for, in one sentence; null where it does, or where it is not.</summary>
    public string? Missing => !IsWorthIt ? null : DeviceGraph.Missing(adapter.Device) ?? FusedReading.Missing(adapter.Device);

    /// <summary>Whether a step is to be recorded, or run as one that was.</summary>
    internal bool Apply => IsOn && WhyNot is null && !adapter.training && (Everywhere ? !adapter.Layout.IsCausal : IsWorthIt && Missing is null);

    // Where steps are so short that starting their kernels shows; where memory is read in front and written behind, rows differ from step to step.
    private bool IsWorthIt => adapter.Device.type == DeviceType.CUDA && adapter.MemoryType is ScalarType.BFloat16 or ScalarType.Float16 && !adapter.Layout.IsCausal;

    /// <summary>Tells why steps are slower than they could be: now, where this device lacks something, and once later, where recording one fails.</summary>
    public void TellTo(Action<string> listener)
    {
        told = listener;
        if (Missing is { } reason) listener($"steps are computed one operation after another, slower: {reason}");
    }

    /// <summary>One segment each of some documents.</summary>
    /// <param name="segments">Content tokens of each.</param>
    /// <param name="memories">Of each [m, H].</param>
    /// <param name="written">Where the memories go that they leave: of each [m, H], of its own; may be <paramref name="memories"/>.</param>
    /// <param name="most">Documents that a step has at most.</param>
    /// <returns>[segments, R, H], there until the next step; null where it could not be recorded: then nothing was written.</returns>
    internal Tensor? Read(IReadOnlyList<ReadOnlyMemory<int>> segments, IReadOnlyList<Tensor> memories, IReadOnlyList<Tensor> written, int most)
    {
        Renew();
        var layout = adapter.Layout;
        var shape = Shapes.Take(segments.Count, most, layout.WindowOf(segments.Min(segment => segment.Length)), layout.WindowOf(segments.Max(segment => segment.Length)));
        if (!steps.TryGetValue(shape, out var step))
        {
            if (steps.Count >= MayKeep) Drop(used[0]);
            if (Bytes > MostBytes) GiveUpAll();
            try
            {
                Recording?.Invoke();
                var before = Reserved();
                step = new(adapter, shape);
                EmptyCache();       // of what the step took when it was done once, on the way
                Bytes += Math.Max(Reserved() - before, 0);
            }
            catch (ExternalException failure)
            {
                Forget();
                WhyNot = $"steps are not recorded any more: one of {shape.Rows} windows of {shape.Window} tokens failed: {failure.Message}";
                told?.Invoke(WhyNot);
                return null;
            }
            steps.Add(shape, step);
        }
        _ = used.Remove(shape);
        used.Add(shape);
        return step.Run(segments, memories, written);
    }

    /// <summary>Gives all graphs up, and their memory; what comes is recorded anew. To be asked where weights were put elsewhere.</summary>
    public void Forget()
    {
        lock (Turn)
        {
            GiveUpAll();
            Shapes = new(adapter.Layout.Window);
            weights = null;
        }
    }

    private void GiveUpAll()
    {
        Bytes = 0;
        if (steps.Count == 0) return;
        foreach (var shape in steps.Keys.ToList()) Drop(shape);
        EmptyCache();
    }

    private void EmptyCache() => _ = Ask(() =>
    {
        Allocator.EmptyCache();
        return 0;
    });

    private void Renew()
    {
        weights ??= [.. adapter.parameters().Concat(adapter.buffers()).Where(tensor => tensor.is_contiguous())];
        var now = new Origin(RowsInPlace.Addresses(weights), adapter.MemoryType, adapter.Device.ToString(), adapter.Backbone.Gelu);
        if (origin is { } then && then != now) Forget();
        (origin, device) = (now, adapter.Device);
    }

    private void Drop(StepShape shape)
    {
        _ = Ask(() =>
        {
            cuda.synchronize(device!);
            return 0;
        });
        steps[shape].Dispose();
        _ = steps.Remove(shape);
        _ = used.Remove(shape);
        Shapes.Forget(shape);
    }

    private long Reserved()
    {
        EmptyCache();
        return Ask(() => Allocator.Statistics(device!).Reserved);
    }

    // 0 where nothing comes back: before libtorch 2.9 an allocator cannot be asked, and a device that has failed for good is at nothing any more.
    private long Ask(Func<long> what)
    {
        if (device?.type != DeviceType.CUDA) return 0;
        try
        {
            return what();
        }
        catch (ExternalException)
        {
            return 0;
        }
    }

    /// <summary>Frees all of them.</summary>
    public void Dispose() => Forget();
}
