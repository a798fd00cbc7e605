using Rmt.Adapter;
using Rmt.Host.Reading;

namespace Rmt.Host.Evaluation;

/// <summary>Samples of memory tasks through one model. Those of all measurements are read side by side, so that no batch runs empty between two lengths;
/// other threads make the next ones meanwhile.</summary>
/// <param name="classifier">Its labels have the names of the task's, in any order.</param>
/// <param name="batch">Samples that are read side by side; as many are held ahead, four bytes a token.</param>
/// <param name="threads">That make samples.</param>
/// <param name="progress">Is told of every segment.</param>
internal sealed class TaskRun(DocumentClassifier classifier, int batch, int threads, TaskProgress progress)
{
    /// <summary>The measurements in their order, each as soon as it and those before are done.</summary>
    /// <exception cref="OperationCanceledException">After what was measured so far.</exception>
    public IEnumerable<Measured> Measure(IReadOnlyList<Measurement> measurements, CancellationToken cancellation)
    {
        var tallies = measurements.Select(measurement => new Tally(measurement)).ToList();
        using var scheduler = new SegmentScheduler(classifier.Model, classifier.Segmenter, batch) { AnswersOnly = true };
        using var samples = new MadeAhead<(Tally, TaskSample)>(tallies.SelectMany(tally => tally.Makings()), threads, Math.Max(batch, threads));
        for (var told = 0; told < tallies.Count;)
        {
            if (!Fill(scheduler, samples, cancellation))
            {
                foreach (var tally in tallies.Skip(told).Where(tally => tally.Answered > 0))
                    yield return tally.SoFar;
                throw new OperationCanceledException(cancellation);
            }
            Step(scheduler);
            for (; told < tallies.Count && tallies[told].IsDone; told++)
                yield return tallies[told].SoFar;
        }
    }

    // Full before every step, so that which samples are read together depends on nothing but their order. False: cancelled.
    private bool Fill(SegmentScheduler scheduler, MadeAhead<(Tally, TaskSample)> samples, CancellationToken cancellation)
    {
        try
        {
            cancellation.ThrowIfCancellationRequested();
            while (scheduler.Count < batch && samples.TryTake(out var made, cancellation))
                _ = scheduler.Add(made.Item2.Tokens, made);
            return true;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Step(SegmentScheduler scheduler)
    {
        foreach (var reading in scheduler.Step())
        {
            progress.SegmentRead();
            if (!reading.IsLast)
                continue;
            var (tally, sample) = ((Tally, TaskSample))reading.Document.Tag!;
            var prediction = new Prediction(classifier.Labels, reading.Logits);
            if (!double.IsFinite(prediction.Score))
                throw new InvalidOperationException("the model's scores are not numbers: its weights, or --dtype, are at fault");
            tally.Add(prediction.Label == tally.Measurement.Task.Labels.Names[sample.Label]);
            progress.SampleRead();
        }
        progress.Show();
    }

    private sealed class Tally(Measurement measurement)
    {
        private long _right;

        public Measurement Measurement => measurement;

        public long Answered { get; private set; }

        public bool IsDone => Answered == measurement.Samples;

        public Measured SoFar => new(measurement, new(_right, Answered));

        public IEnumerable<Func<(Tally, TaskSample)>> Makings() =>
            Enumerable.Range(0, measurement.Samples).Select(i => (Func<(Tally, TaskSample)>)(() => (this, measurement.Task.Sample(i, measurement.Segments))));

        public void Add(bool right)
        {
            Answered++;
            _right += right ? 1 : 0;
        }
    }
}
