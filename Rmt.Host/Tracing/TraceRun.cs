using Rmt.Adapter;
using Rmt.Host.Output;
using Rmt.Host.Reading;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Host.Tracing;

/// <summary>Reads a document segment by segment, tells each and hands on what is to be kept or drawn of it.</summary>
internal sealed class TraceRun(DocumentClassifier classifier, DocumentTrace document, TraceFile? file, AttentionFigure? figure, TimeProvider clock, Progress progress)
{
    /// <exception cref="OperationCanceledException">Between two segments.</exception>
    public void Walk(Action<IRecord> tell, CancellationToken cancellation)
    {
        progress.DocumentBegun(document.Segments.Count);
        while (document.SegmentsRead < document.Segments.Count)
        {
            cancellation.ThrowIfCancellationRequested();
            var record = Read(document.SegmentsRead);
            progress.SegmentRead();
            tell(record);
            if (record is FailureRecord)
                return;
            progress.Show();
        }
        progress.DocumentDone();
    }

    private IRecord Read(int segment)
    {
        var begun = clock.GetTimestamp();
        var (keeps, draws) = (file?.Keeps(segment) == true, figure?.Draws(segment) == true);
        using var read = document.Read(keeps || draws ? layer => Take(segment, layer, keeps) : null);
        if (keeps)
            file!.Keep(read);
        if (draws)
            figure!.Take(read, classifier.Segmenter.Layout, classifier.Tokenizer);
        var answer = new Prediction(classifier.Labels, read.Logits);
        return !double.IsFinite(answer.Score)
            ? new FailureRecord($"segment {segment}", "the model's scores are not numbers: its weights, or --dtype, are at fault")
            : new TraceRecord(segment, read.Tokens.Length, answer.Label, new Dictionary<string, double>(answer.Scores), read.MemoryNorm(),
                Math.Round(clock.GetElapsedTime(begun).TotalSeconds, 4));
    }

    private void Take(int segment, LayerReading layer, bool keeps)
    {
        using var scope = NewDisposeScope();
        if (keeps)
            file!.Keep(segment, $"layer.{layer.Layer}", layer.Hidden[0]);
        var draws = figure?.Draws(segment, layer.Layer) == true;
        if (!draws && !(keeps && file!.WithAttention))
            return;
        var attention = layer.Attention();                                                      // [1, heads, L, L]
        if (keeps && file!.WithAttention)
            file.Keep(segment, $"attention.{layer.Layer}", attention[0]);
        if (draws)
            figure!.Take(segment, layer.Layer, attention);
    }
}
