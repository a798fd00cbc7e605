using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>What a language model loses on each segment of documents that are read side by side. Changes nothing, draws nothing.</summary>
internal sealed class LanguageReader(RecurrentLanguageModel model, Segmenter segmenter, ScalarType? autocast)
{
    /// <summary>Reads whole documents. The model is in evaluation mode afterwards.</summary>
    /// <param name="documents">Content tokens of each.</param>
    /// <param name="enter">What enters a step, numbered from 0, where this was handed on by the step before: [B, m, H] → [B, m, H].</param>
    /// <param name="read">Told of every segment of every document.</param>
    public void Read(IReadOnlyList<ReadOnlyMemory<int>> documents, Func<int, Tensor, Tensor> enter, Action<int, SegmentScore> read)
    {
        foreach (var document in documents) model.Adapter.CheckTokens(document.Span);
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var casts = autocast is { } type ? Rmt.Torch.Autocast.Begin(model.Adapter.Device, type) : null;
        model.eval();
        var batch = segmenter.Batch(documents, model.Adapter.Device);
        var counts = documents.Select(document => segmenter.Split(document.Length).Count).ToArray();
        var memory = model.Adapter.InitialMemory(documents.Count);                              // [B, m, H]
        for (var t = 0; t < batch.Steps.Count; t++)
        {
            using var segment = NewDisposeScope();
            var step = batch.Steps[t];
            var (logits, handed) = model.Step(step, new(enter(t, memory.Tokens)));              // [A, n, V]
            var rows = Enumerable.Range(0, documents.Count).Where(row => t >= batch.Steps.Count - counts[row]).ToArray();
            var scores = Scores(logits, model.Targets(batch, t, step));
            for (var i = 0; i < rows.Length; i++)
                read(rows[i], new(t - (batch.Steps.Count - counts[rows[i]]), (long)scores[3 * i + 2], (long)scores[3 * i + 1], scores[3 * i]));
            memory = new(handed.Tokens.MoveToOuterDisposeScope());
        }
    }

    // Of each row: loss, right ones, tokens that another follows. One copy from the device a step.
    private static double[] Scores(Tensor logits, Tensor targets)
    {
        using var scope = NewDisposeScope();
        var wide = logits.to(float32);                                                          // [A, n, V]
        var losses = nn.functional.cross_entropy(wide.flatten(0, 1), targets.flatten(), ignore_index: RecurrentLanguageModel.NoTarget, reduction: nn.Reduction.None);
        var counted = targets != RecurrentLanguageModel.NoTarget;                               // [A, n]
        var right = (wide.argmax(-1) == targets).logical_and(counted);                          // [A, n]
        Tensor[] sums = [losses.view(targets.shape).to(float64).sum(1), right.to(float64).sum(1), counted.to(float64).sum(1)];
        return stack(sums, dim: 1).cpu().data<double>().ToArray();                              // [A, 3]
    }
}

/// <summary>What was said of the tokens of one segment.</summary>
/// <param name="Segment">Of its document, from 0.</param>
/// <param name="Tokens">That another one follows.</param>
/// <param name="Right">Of which what follows was held likeliest.</param>
/// <param name="Loss">Sum of their cross-entropies, nats.</param>
internal readonly record struct SegmentScore(int Segment, long Tokens, long Right, double Loss);
