using System.Diagnostics;
using Rmt.Adapter;

namespace Rmt.Benchmarks.Gpu;

/// <summary>Documents of mixed lengths through the scheduler, beside full batches of full segments, in turns.</summary>
internal sealed class MixedPart : IGpuPart
{
    private const double Goal = 0.90;
    private const int Longest = 200_000, Shortest = 10, Turns = 2;

    public string Name => "mixed";

    public bool Run(GpuRun run)
    {
        using var model = run.Model(run.Shape, run.Way);
        if (model is null) return true;
        var tokens = RandomModel.Tokens(Longest);
        var full = new Flow(model, run, tokens, _ => tokens.Length, fullSegments: true);
        foreach (var (name, length) in new (string, Func<Random, int>)[] { ("mixed", dice => Lengths.LogUniform(dice, Shortest, Longest)), ("reviews", Lengths.Review) })
        {
            run.Limit.ThrowIfOver();
            using var flow = new Flow(model, run, tokens, length, fullSegments: false);
            var (ours, whole) = (new Counts(), new Counts());
            // There and back: what drifts drifts for both.
            for (var turn = 0; turn < Turns; turn++)
                foreach (var one in turn % 2 == 0 ? new[] { full, flow } : [flow, full])
                    (one == full ? whole : ours).Add(one.Read(Math.Min(4 * run.Seconds, run.Limit.Left / 2)));
            var ratio = ours.SegmentsPerSecond / whole.SegmentsPerSecond;
            run.Report.Add([
                ("part", Name), ("shape", run.Shape), ("batch", run.LargeBatch), ("variant", run.Way.Name), ("lengths", name), ("documents", ours.Documents), ("segments", ours.Segments), ("segments_per_s", ours.SegmentsPerSecond),
                ("full_segments_per_s", whole.SegmentsPerSecond), ("of_full", ratio), ("tokens_per_s", ours.Tokens / ours.Seconds), ("rows_used", ours.Segments / (double)(ours.Steps * run.LargeBatch)),
                ("fill", ours.Tokens / ((double)ours.Steps * run.LargeBatch * model.Adapter.Layout.TokensPerSegment)),
                ("goal", name == "mixed" ? Goal : null), ("goal_met", name == "mixed" && run.Options.Device == "cuda" ? ratio >= Goal : null), .. Way.Recorded(model)]);
        }
        full.Dispose();
        return true;
    }

    /// <summary>What was read in a time.</summary>
    internal sealed class Counts
    {
        public int Steps { get; set; }
        public int Segments { get; set; }
        public int Documents { get; set; }
        public long Tokens { get; set; }
        public double Seconds { get; set; }
        public double SegmentsPerSecond => Segments / Seconds;

        public void Add(Counts more) =>
            (Steps, Segments, Documents, Tokens, Seconds) = (Steps + more.Steps, Segments + more.Segments, Documents + more.Documents, Tokens + more.Tokens, Seconds + more.Seconds);
    }

    /// <summary>A scheduler that always has documents to choose from, twice as many as a step reads.</summary>
    private sealed class Flow : IDisposable
    {
        private readonly SegmentScheduler scheduler;
        private readonly GpuRun run;
        private readonly int[] tokens;
        private readonly Func<Random, int> length;
        private readonly Random dice = new(RandomModel.Seed);
        private readonly int open;

        public Flow(Rmt.Adapter.RecurrentClassifier model, GpuRun run, int[] tokens, Func<Random, int> length, bool fullSegments)
        {
            var segmenter = new Segmenter(model.Adapter.Layout);
            scheduler = new(model, segmenter, run.LargeBatch) { AnswersOnly = true };
            // Full batches of full segments: as many documents as rows, of a whole number of segments.
            var whole = tokens.Length / segmenter.Layout.TokensPerSegment * segmenter.Layout.TokensPerSegment;
            (this.run, this.tokens) = (run, tokens);
            (this.length, open) = fullSegments ? (_ => whole, run.LargeBatch) : (length, 2 * run.LargeBatch);
        }

        public Counts Read(double seconds)
        {
            Step(new());        // records what is new to it, and wakes the device
            run.Wait();
            var (counts, begin) = (new Counts(), Stopwatch.GetTimestamp());
            do Step(counts);
            while (Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds);
            run.Wait();
            counts.Seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            return counts;
        }

        private void Step(Counts counts)
        {
            while (scheduler.Count < open) _ = scheduler.Add(tokens.AsMemory(0, length(dice)));
            counts.Steps++;
            foreach (var reading in scheduler.Step())
            {
                var (_, read) = reading.Document.Segments[reading.Segment].GetOffsetAndLength(reading.Document.Tokens.Length);
                (counts.Segments, counts.Tokens, counts.Documents) = (counts.Segments + 1, counts.Tokens + read, counts.Documents + (reading.IsLast ? 1 : 0));
            }
        }

        public void Dispose() => scheduler.Dispose();
    }
}
