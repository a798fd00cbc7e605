using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>Reads labelled documents and counts right answers; changes nothing, draws nothing.</summary>
internal sealed class Evaluator(RecurrentClassifier model, Segmenter segmenter, int sideBySide, ScalarType? autocast)
{
    /// <summary>Share of right answers, and mean cross-entropy. The model is in evaluation mode afterwards.</summary>
    public (double Accuracy, double Loss) Read(IReadOnlyList<TrainingDocument> documents)
    {
        model.eval();
        using var casts = autocast is { } type ? Rmt.Torch.Autocast.Begin(model.Adapter.Device, type) : null;
        using var scheduler = new SegmentScheduler(model, segmenter, sideBySide) { AnswersOnly = true };
        var (next, right, loss) = (0, 0, 0.0);
        while (next < documents.Count || scheduler.Count > 0)
        {
            for (; next < documents.Count && scheduler.Count < sideBySide; next++)
            {
                var (tokens, label) = documents[next];
                model.Require(documents[next], $"document {next} of the validation set");
                scheduler.Add(tokens, label);
            }
            foreach (var reading in scheduler.Step().Where(reading => reading.IsLast))
            {
                var label = (int)reading.Document.Tag!;
                if (reading.Logits.Index().MaxBy(logit => logit.Item).Index == label) right++;
                loss += CrossEntropy(reading.Logits, label);
            }
        }
        return ((double)right / documents.Count, loss / documents.Count);
    }

    private static double CrossEntropy(IReadOnlyList<float> logits, int label)
    {
        var highest = (double)logits.Max();
        return highest + Math.Log(logits.Sum(logit => Math.Exp(logit - highest))) - logits[label];
    }
}
