using Rmt.Bert;
using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter.Tests;

public sealed class SegmentSchedulerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public void Documents_read_together_as_they_come_get_the_answers_of_each_alone(int batch)
    {
        using var model = Tiny.Classifier();
        var segmenter = new Segmenter(Tiny.Layout());
        var dice = new Random(batch);
        var documents = Enumerable.Range(0, 25).Select(_ => Tiny.Document(dice, dice.Next(0, 120))).ToArray();
        using var scheduler = new SegmentScheduler(model, segmenter, batch);
        var answers = new Dictionary<int, IReadOnlyList<float>>();
        for (var next = 0; next < documents.Length || scheduler.Count > 0;)
        {
            for (var arriving = dice.Next(3); arriving > 0 && next < documents.Length; arriving--) scheduler.Add(documents[next], next++);
            foreach (var reading in scheduler.Step().Where(reading => reading.IsLast)) answers.Add((int)reading.Document.Tag!, reading.Logits);
        }
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        for (var i = 0; i < documents.Length; i++)
        {
            var alone = model.call(segmenter.Batch([documents[i]], CPU))[0].data<float>().ToArray();
            for (var c = 0; c < alone.Length; c++) Assert.Equal(alone[c], answers[i][c], 1e-5f);
        }
    }

    [Fact]
    public void Every_segment_is_read_once_and_in_order()
    {
        using var model = Tiny.Classifier();
        using var scheduler = new SegmentScheduler(model, new Segmenter(Tiny.Layout()), 4);
        var dice = new Random(11);
        var documents = Enumerable.Range(0, 12).Select(_ => scheduler.Add(Tiny.Document(dice, dice.Next(0, 150)))).ToArray();
        var seen = documents.ToDictionary(document => document, _ => new List<int>());
        while (scheduler.Count > 0)
        {
            var readings = scheduler.Step();
            Assert.InRange(readings.Count, 1, 4);
            Assert.Equal(readings.Count, readings.Select(reading => reading.Document).Distinct().Count());
            foreach (var reading in readings) seen[reading.Document].Add(reading.Segment);
        }
        foreach (var document in documents) Assert.Equal(Enumerable.Range(0, document.Segments.Count), seen[document]);
    }

    [Fact]
    public void A_short_document_behind_long_ones_is_answered_within_as_many_steps_as_half_batches()
    {
        using var model = Tiny.Classifier();
        using var scheduler = new SegmentScheduler(model, new Segmenter(Tiny.Layout()), 4);
        var dice = new Random(12);
        for (var i = 0; i < 10; i++) scheduler.Add(Tiny.Document(dice, 17 * 50));
        for (var i = 0; i < 7; i++) _ = scheduler.Step();
        var late = scheduler.Add(Tiny.Document(dice, 5));
        var steps = 0;
        while (!late.IsFinished)
        {
            _ = scheduler.Step();
            steps++;
        }
        Assert.InRange(steps, 1, 6);        // ⌈11 documents / 2 rows⌉
    }

    [Fact]
    public void Batches_stay_full_over_mixed_lengths()
    {
        using var model = Tiny.Classifier();
        using var scheduler = new SegmentScheduler(model, new Segmenter(Tiny.Layout()), 8);
        var dice = new Random(13);
        for (var i = 0; i < 200; i++) scheduler.Add(Tiny.Document(dice, (int)Math.Exp(dice.NextDouble() * Math.Log(1000))));
        var (rows, steps) = (0, 0);
        while (scheduler.Count > 0)
        {
            rows += scheduler.Step().Count;
            steps++;
        }
        Assert.True(rows >= 0.95 * 8 * steps, $"{rows} rows of {8 * steps}");
    }

    [Fact]
    public void A_document_holds_one_tensor_between_steps_and_none_when_it_is_read_or_removed()
    {
        using var model = Tiny.Classifier();
        var before = Leaks.Baseline();
        using (var scheduler = new SegmentScheduler(model, new Segmenter(Tiny.Layout()), 8))
        {
            var dice = new Random(14);
            var removed = scheduler.Add(Tiny.Document(dice, 100));
            scheduler.Add(Tiny.Document(dice, 3));
            scheduler.Add(Tiny.Document(dice, 90));
            _ = scheduler.Step();
            Assert.Equal(before + 2, Tensor.TotalCount);
            scheduler.Remove(removed);
            scheduler.Remove(removed);
            Assert.Equal((1, before + 1), (scheduler.Count, Tensor.TotalCount));
        }
        Leaks.Same(before);
    }

    [Theory]
    [InlineData(Tiny.Vocabulary)]
    [InlineData(-1)]
    public void A_step_that_meets_a_token_of_another_vocabulary_says_which_moves_no_document_on_and_leaves_no_tensor(int token)
    {
        using var model = Tiny.Classifier();
        using var scheduler = new SegmentScheduler(model, new Segmenter(Tiny.Layout()), 8);
        var good = scheduler.Add(Tiny.Document(new(15), 60));
        _ = scheduler.Step();
        int[] tokens = [.. Enumerable.Repeat(0, 17), Tiny.Vocabulary - 1, token, 4];
        var bad = scheduler.Add(tokens, new ReadingState(1, new float[4 * 16]), cut: new(Tiny.Layout(), SegmentAlignment.Left));
        var before = Leaks.Baseline();
        var error = Assert.Throws<ArgumentException>(() => scheduler.Step());
        Assert.Contains($"token 18 of a document is {token}: this model knows 0 to {Tiny.Vocabulary - 1}", error.Message, StringComparison.Ordinal);
        Assert.Equal((1, 1, before), (good.SegmentsRead, bad.SegmentsRead, Tensor.TotalCount));
        scheduler.Remove(bad);
        while (!good.IsFinished) _ = scheduler.Step();
    }

    [Fact]
    public void A_step_that_fails_on_the_way_moves_no_document_on_and_leaves_no_tensor()
    {
        random.manual_seed(7);
        using var model = new RecurrentClassifier(new(new SmallDevice(new BertBackbone(new BertModel(Tiny.Bert)), most: 0), Tiny.Layout()), 3);
        model.eval();
        using var scheduler = new SegmentScheduler(model, new Segmenter(Tiny.Layout()), 8);
        var before = Leaks.Baseline();
        var document = scheduler.Add(Tiny.Document(new(15), 60));
        _ = Assert.ThrowsAny<System.Runtime.InteropServices.ExternalException>(() => scheduler.Step());
        Assert.Equal((0, before), (document.SegmentsRead, Tensor.TotalCount));
    }

    [Theory]
    [InlineData(SegmentAlignment.Right, 4)]
    [InlineData(SegmentAlignment.Left, 4)]
    [InlineData(SegmentAlignment.Right, 0)]
    public void A_document_goes_on_elsewhere_from_the_memory_that_was_handed_out(SegmentAlignment alignment, int memoryTokens)
    {
        using var model = Tiny.Classifier(memoryTokens);
        var segmenter = new Segmenter(Tiny.Layout(memoryTokens), alignment);
        var dice = new Random(16);
        int[][] documents = [Tiny.Document(dice, 75), Tiny.Document(dice, 33), Tiny.Document(dice, 60)];
        var before = Leaks.Baseline();
        foreach (var document in documents)
        {
            using var whole = new SegmentScheduler(model, segmenter, 1) { HandsOutMemory = true };
            var read = whole.Add(document);
            var readings = new List<SegmentReading>();
            while (!read.IsFinished) readings.AddRange(whole.Step());
            for (var segments = 1; segments < readings.Count; segments++)
            {
                // Resumed among others that are elsewhere: every answer afterwards is the one without a break.
                using var scheduler = new SegmentScheduler(model, segmenter, 4) { HandsOutMemory = true };
                foreach (var other in documents) scheduler.Add(other);
                var resumed = scheduler.Add(document, new ReadingState(segments, readings[segments - 1].Memory));
                while (!resumed.IsFinished)
                {
                    foreach (var reading in scheduler.Step().Where(reading => reading.Document == resumed))
                    {
                        Assert.Equal(readings[reading.Segment].Logits.Select(logit => (double)logit), reading.Logits.Select(logit => (double)logit), (a, b) => Math.Abs(a - b) < 1e-5);
                        Assert.Equal(readings[reading.Segment].Memory.ToArray(), reading.Memory.ToArray(), (a, b) => Math.Abs(a - b) < 1e-5);
                    }
                }
            }
        }
        Leaks.Same(before);
    }

    [Fact]
    public void Memory_of_another_shape_and_a_document_without_a_segment_left_are_refused()
    {
        using var model = Tiny.Classifier();
        using var scheduler = new SegmentScheduler(model, new Segmenter(Tiny.Layout()), 4);
        Assert.Contains("4 × 16", Assert.Throws<ArgumentException>(() => scheduler.Add(new int[40], new ReadingState(1, new float[63]))).Message, StringComparison.Ordinal);
        Assert.Contains("3 segments", Assert.Throws<ArgumentException>(() => scheduler.Add(new int[40], new ReadingState(3, new float[64]))).Message, StringComparison.Ordinal);
        Assert.Equal(0, scheduler.Count);
    }

    // Memory was put over the tokens of windows that have no room for it, and every document was answered.
    [Fact]
    public void A_segmenter_with_other_memory_than_the_model_is_refused()
    {
        using var model = Tiny.Classifier(memoryTokens: 4);
        var segmenter = new Segmenter(Tiny.Layout(memoryTokens: 0));
        foreach (var refused in new Action[] { () => new SegmentScheduler(model, segmenter, 4).Dispose(), () => new DocumentTrace(model, segmenter, new int[40]).Dispose() })
            Assert.Contains("0 memory tokens, the model has 4", Assert.Throws<ArgumentException>(refused).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_short_document_behind_ten_long_ones_is_answered_within_three_steps()
    {
        using var model = Tiny.Classifier();
        using var scheduler = new SegmentScheduler(model, new Segmenter(Tiny.Layout()), 8);
        var dice = new Random(17);
        for (var i = 0; i < 10; i++) scheduler.Add(Tiny.Document(dice, 17 * 60));
        for (var round = 0; round < 10; round++)
        {
            var late = scheduler.Add(Tiny.Document(dice, 18));      // two segments
            for (var steps = 0; steps < 3; steps++) _ = scheduler.Step();
            Assert.True(late.IsFinished);
        }
    }

    [Fact]
    public void A_document_is_not_starved_by_shorter_and_longer_ones_that_keep_coming()
    {
        using var model = Tiny.Classifier();
        using var scheduler = new SegmentScheduler(model, new Segmenter(Tiny.Layout()), 8);
        var dice = new Random(18);
        for (var i = 0; i < 20; i++) scheduler.Add(Tiny.Document(dice, 17 * 40));
        var middle = scheduler.Add(Tiny.Document(dice, 17 * 5));
        var steps = 0;
        for (; !middle.IsFinished; steps++)
        {
            for (var i = 0; i < 4 && scheduler.Count < 40; i++) scheduler.Add(Tiny.Document(dice, 5));
            _ = scheduler.Step();
        }
        Assert.InRange(steps, 5, 5 * 10);       // ⌈40 documents / 4 rows⌉ steps for each of its segments
    }

    [Fact]
    public void Without_documents_a_step_reads_nothing()
    {
        using var model = Tiny.Classifier();
        using var scheduler = new SegmentScheduler(model, new Segmenter(Tiny.Layout()), 8);
        Assert.Empty(scheduler.Step());
    }

    [Fact]
    public void Where_the_device_has_no_memory_for_all_documents_half_of_them_are_read_and_all_are_answered()
    {
        random.manual_seed(7);
        using var model = new RecurrentClassifier(new(new SmallDevice(new BertBackbone(new BertModel(Tiny.Bert)), most: 3), Tiny.Layout()), 3);
        model.eval();
        var dice = new Random(4);
        var documents = Enumerable.Range(0, 11).Select(_ => Tiny.Document(dice, dice.Next(0, 90))).ToArray();
        var answers = new Dictionary<int, IReadOnlyList<float>>();
        var segmenter = new Segmenter(Tiny.Layout());
        using (var scheduler = new SegmentScheduler(model, segmenter, 8))
        {
            foreach (var (i, document) in documents.Index()) _ = scheduler.Add(document, i);
            Assert.Equal(2, scheduler.Step().Count);
            while (scheduler.Count > 0)
                foreach (var reading in scheduler.Step())
                    if (reading.IsLast) answers.Add((int)reading.Document.Tag!, reading.Logits);
            _ = scheduler.Add(documents[0], 0);
            _ = scheduler.Add(documents[1], 1);
            _ = scheduler.Add(documents[2], 2);
            Assert.Equal(2, scheduler.Choose().Count);
        }
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        for (var i = 2; i < documents.Length; i++)
            if (answers.TryGetValue(i, out var logits))
                Assert.Equal(model.call(segmenter.Batch([documents[i]], CPU))[0].data<float>().ToArray(), logits.ToArray(), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    // Reads so many windows side by side, and fails as a device does whose memory is used up.
    private sealed class SmallDevice(IBackbone inner, int most) : PassingBackbone(inner)
    {
        public override Tensor Encode(Tensor embeddings, Tensor? mask, Range rows) =>
            embeddings.shape[0] <= most ? base.Encode(embeddings, mask, rows) : throw new OutOfDeviceMemoryException();
    }
}
