using System.Globalization;
using Rmt.Adapter;
using Rmt.Loaders;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Host.Tracing;

/// <summary>What --save keeps of a document: every size is known before the first segment is read, so each tensor goes straight to its place.</summary>
/// <param name="path">The safetensors file.</param>
/// <param name="source">The document's name, for the file's notes.</param>
/// <param name="model">Sizes: m, H, C, layers and heads.</param>
/// <param name="document">How it is cut.</param>
/// <param name="segments">Those that are kept.</param>
/// <param name="withAttention">Whether attention maps are kept too.</param>
internal sealed class TraceFile(string path, string source, RecurrentClassifier model, DocumentTrace document, IReadOnlyList<int> segments, bool withAttention)
{
    private readonly HashSet<int> _segments = [.. segments];
    private Action<string, Action<Stream>>? _write;

    public bool WithAttention => withAttention;

    /// <summary>Bytes that the tensors need.</summary>
    public long Bytes => Entries().Sum(entry => entry.Items * entry.Dtype.ItemSize());

    public bool Keeps(int segment) => _segments.Contains(segment);

    /// <summary>Writes the file while <paramref name="walk"/> reads the document; where it throws there is no file.</summary>
    public void Write(Action walk)
    {
        var notes = new Dictionary<string, string> { ["format"] = "pt", ["source"] = source, ["segments"] = document.Segments.Count.ToString(CultureInfo.InvariantCulture) };
        SafetensorsWriter.WriteInAnyOrder(path, Entries(), write =>
        {
            _write = write;
            walk();
            _write = null;
        }, notes);
    }

    public void Keep(int segment, string name, Tensor value) => _write!($"segment.{segment}.{name}", stream =>
    {
        using var scope = NewDisposeScope();
        TensorWriter.Write(value.dtype == ScalarType.Int64 ? value : value.to(float32), stream);
    });

    public void Keep(SegmentTrace read)
    {
        Keep(read.Segment, "input_ids", read.InputIds);
        Keep(read.Segment, "memory_in", read.MemoryIn);
        Keep(read.Segment, "memory_out", read.MemoryOut);
        using var logits = tensor(read.Logits.ToArray());
        Keep(read.Segment, "logits", logits);
    }

    private IEnumerable<TensorEntry> Entries()
    {
        var (backbone, layout) = ((ILayeredBackbone)model.Adapter.Backbone, model.Adapter.Layout);
        foreach (var segment in segments)
        {
            long window = layout.WindowOf(document.Length(segment)), hidden = backbone.HiddenSize;
            yield return Entry(segment, "input_ids", Dtype.I64, window);
            yield return Entry(segment, "memory_in", Dtype.F32, layout.MemoryTokens, hidden);
            yield return Entry(segment, "memory_out", Dtype.F32, layout.MemoryTokens, hidden);
            yield return Entry(segment, "logits", Dtype.F32, model.Labels);
            for (var layer = 0; layer < backbone.Layers; layer++)
            {
                yield return Entry(segment, $"layer.{layer}", Dtype.F32, window, hidden);
                if (withAttention)
                    yield return Entry(segment, $"attention.{layer}", Dtype.F32, backbone.Heads, window, window);
            }
        }
    }

    private static TensorEntry Entry(int segment, string name, Dtype type, params long[] shape) => new($"segment.{segment}.{name}", type, shape, 0, 0);
}
