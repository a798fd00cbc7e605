using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>Reads one document segment by segment and keeps nothing but the memory between two. Belongs to one thread.</summary>
public sealed class DocumentTrace : IDisposable
{
    private readonly RecurrentClassifier model;
    private readonly Segmenter segmenter;
    private readonly ReadOnlyMemory<int> tokens;
    private Tensor? memory;     // [1, m, H]; null before the first segment

    /// <param name="model">In evaluation mode; not disposed here.</param>
    /// <param name="segmenter">How the document is cut.</param>
    /// <param name="tokens">Content tokens; none is a document too.</param>
    /// <exception cref="ArgumentException">The segmenter's windows have other memory than the model, or a token is none of the model's.</exception>
    public DocumentTrace(RecurrentClassifier model, Segmenter segmenter, ReadOnlyMemory<int> tokens)
    {
        model.Adapter.CheckSegmenter(segmenter);
        model.Adapter.CheckTokens(tokens.Span, "the document");
        (this.model, this.segmenter, this.tokens, Segments) = (model, segmenter, tokens, segmenter.Split(tokens.Length));
    }

    /// <summary>How the document is cut.</summary>
    public Segmentation Segments { get; }

    /// <summary>The document's tokens in a segment.</summary>
    public int Length(int segment) => Segments[segment].GetOffsetAndLength(tokens.Length).Length;

    /// <summary>Number of segments read so far.</summary>
    public int SegmentsRead { get; private set; }

    /// <summary>Reads the next segment. Where it throws, the trace has not moved on.</summary>
    /// <param name="each">Is shown every layer; null: none, and the last computes only the rows that are read, as when documents are classified.</param>
    /// <exception cref="InvalidOperationException">The last segment was read.</exception>
    /// <exception cref="NotSupportedException">Layers are asked for, and the backbone is no <see cref="ILayeredBackbone"/>.</exception>
    public SegmentTrace Read(Action<LayerReading>? each = null)
    {
        if (SegmentsRead == Segments.Count) throw new InvalidOperationException("the document is read to its end");
        using var mode = inference_mode();
        using var scope = NewDisposeScope();
        var adapter = model.Adapter;
        var content = tokens[Segments[SegmentsRead]];
        var step = segmenter.Windows([content], adapter.Device);
        var before = memory ?? adapter.InitialMemory(1).Tokens;                                 // [1, m, H]
        var output = each is null ? adapter.call(step, new(before)) : adapter.Trace(step, new(before), each);
        var logits = model.Head(output.Hidden).to(float32).cpu().data<float>().ToArray();       // [C]
        var after = output.Memory.Tokens.clone();                                               // a view would keep the step's rows alive
        var trace = new SegmentTrace(SegmentsRead, content, step.TokenIds[0].clone(), before[0].clone(), after[0].clone(), logits);
        trace.KeepBeyondScope();
        memory?.Dispose();
        memory = after.DetachFromDisposeScope();
        SegmentsRead++;
        return trace;
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        memory?.Dispose();
        memory = null;
    }
}
