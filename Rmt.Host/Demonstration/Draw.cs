using Rmt.Adapter;

namespace Rmt.Host.Demonstration;

/// <summary>A fact that was hidden in a long text, and what a model said of it.</summary>
/// <param name="Problem">What was hidden and asked.</param>
/// <param name="FactSegment">Where the fact begins, from 0.</param>
/// <param name="Tokens">Of the whole text.</param>
/// <param name="Segments">After each segment.</param>
/// <param name="Seconds">That reading took.</param>
internal sealed record Draw(Problem Problem, int FactSegment, int Tokens, IReadOnlyList<DrawSegment> Segments, double Seconds)
{
    /// <summary>What the model says at the end.</summary>
    public string Answer => Segments[^1].Says;

    /// <summary>Whether that is so.</summary>
    public bool IsRight => Answer == Problem.Answer;

    /// <summary>Reads a sample a segment at a time.</summary>
    /// <param name="classifier">Its labels have the names of the task's.</param>
    /// <param name="sample">What is read.</param>
    /// <param name="clock">For the seconds.</param>
    /// <param name="each">After every segment.</param>
    /// <param name="cancellation">Ends the work at the next segment.</param>
    public static Draw Of(DocumentClassifier classifier, TaskSample sample, TimeProvider clock, Action each, CancellationToken cancellation)
    {
        var begun = clock.GetTimestamp();
        var segments = new List<DrawSegment>();
        using var trace = new DocumentTrace(classifier.Model, classifier.Segmenter, sample.Tokens);
        while (trace.SegmentsRead < trace.Segments.Count)
        {
            cancellation.ThrowIfCancellationRequested();
            using var segment = trace.Read();
            var prediction = new Prediction(classifier.Labels, segment.Logits);
            if (!double.IsFinite(prediction.Score))
                throw new InvalidOperationException("the model's scores are not numbers: its weights, or --dtype, are at fault");
            segments.Add(new(prediction.Label, prediction.Scores[classifier.Labels.IndexOf(sample.Problem.Answer)].Value, segment.MemoryNorm()));
            each();
        }
        var at = Enumerable.Range(0, trace.Segments.Count).Last(i => trace.Segments[i].GetOffsetAndLength(sample.Tokens.Length).Offset <= sample.FactsAt[0]);
        return new(sample.Problem, at, sample.Tokens.Length, segments, clock.GetElapsedTime(begun).TotalSeconds);
    }
}

/// <summary>What a segment left.</summary>
/// <param name="Says">The most likely answer.</param>
/// <param name="Probability">Of the right one.</param>
/// <param name="MemoryNorm">Euclidean norm of all numbers in memory.</param>
internal readonly record struct DrawSegment(string Says, double Probability, double MemoryNorm);
