using Rmt.Testing;
using Rmt.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter.Tests.Training;

/// <summary>Laws of the ways to propagate back: what is kept differs, the gradients do not.</summary>
public sealed class BackpropagationTests
{
    private static readonly Dictionary<string, int[]> Lengths = new()
    {
        ["1 segment"] = [9, 17], ["2 segments"] = [30, 20], ["3 segments"] = [50, 44], ["5 segments"] = [85, 80], ["mixed"] = [0, 3, 40, 85],
    };

    public static TheoryData<string, bool, bool> Cases =>
        new(from name in Lengths.Keys from everySegment in new[] { false, true } from training in new[] { false, true } select (name, everySegment, training));

    [Theory, MemberData(nameof(Cases))]
    public void Memory_replay_gives_the_gradients_of_the_whole_graph(string name, bool everySegment, bool training)
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Classifier();
        model.train(training);
        var part = Part(Lengths[name], everySegment);
        Same(Gradients(model, new BackpropagationThroughTime(), part), Gradients(model, new MemoryReplay(), part), 1e-5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_gradients_are_those_of_the_loss_that_agrees_with_the_authors_code(bool everySegment)
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Classifier();
        var part = Part(Lengths["mixed"], everySegment) with { Weight = 1 };
        model.zero_grad();
        var loss = model.Loss(part.Batch, part.Labels!, everySegment);
        loss.backward();
        Same((loss.item<float>(), Taken(model)), Gradients(model, new BackpropagationThroughTime(), part), 1e-5);
    }

    [Fact]
    public void Dropout_is_another_in_another_update_part_and_segment()
    {
        var seeds = from seed in Enumerable.Range(0, 5)
                    from update in Enumerable.Range(0, 5)
                    from part in Enumerable.Range(0, 5)
                    from segment in Enumerable.Range(0, 5)
                    select new SegmentSeeds(seed, update, part).Of(segment);
        Assert.Equal(625, seeds.Distinct().Count());

        using var scope = NewDisposeScope();
        using var model = Tiny.Classifier();
        model.train();
        var losses = Enumerable.Range(0, 3).Select(update => Gradients(model, new MemoryReplay(), Part([40], false) with { Seeds = new(1, update, 0) }).Loss);
        Assert.Equal(3, losses.Distinct().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void A_gradient_passes_through_exactly_so_many_segments_as_the_depth_says(int depth)
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Classifier();
        const int Segments = 4;
        // A word of its own in each segment: its row has a gradient if and only if the gradient reached the segment.
        var document = Enumerable.Range(0, 17 * Segments).Select(i => 10 + i / 17).ToArray();
        var part = new UpdatePart(new Segmenter(Tiny.Layout()).Batch([document], CPU), tensor(new long[] { 1 }));
        var gradients = Gradients(model, new BackpropagationThroughTime(depth), part).Values;
        var words = gradients.Single(entry => entry.Key.EndsWith("word_embeddings.weight", StringComparison.Ordinal)).Value;
        for (var segment = 0; segment < Segments; segment++)
            Assert.Equal(segment >= Segments - depth, words[10 + segment].abs().max().item<float>() > 0);
        Assert.Equal(depth >= Segments, gradients["adapter.memory"].abs().max().item<float>() > 0);
    }

    [Fact]
    public void Truncated_a_batch_gives_the_mean_of_what_its_documents_give_alone()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Classifier();
        var documents = Documents([0, 3, 40, 85]);
        var labels = new long[] { 0, 1, 2, 1 };
        var through = new BackpropagationThroughTime(2);
        UpdatePart Of(int from, int count) => new(
            new Segmenter(Tiny.Layout()).Batch(documents[from..(from + count)], CPU), tensor(labels[from..(from + count)]))
        { Weight = count / 4.0 };
        var together = Gradients(model, through, Of(0, 4)).Values;
        model.zero_grad();
        for (var i = 0; i < 4; i++) through.Backward(model, Of(i, 1));
        Same((0, together), (0, Taken(model)), 1e-5);
    }

    [Fact]
    public void Truncated_the_loss_of_each_step_reaches_back_to_the_begin_of_its_run()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Classifier();
        // 4 segments in runs of 2: what the last two give is what the document gives whose memory they found, as a constant.
        var document = Tiny.Document(new(8), 68);
        var part = new UpdatePart(new Segmenter(Tiny.Layout()).Batch([document], CPU), tensor(new long[] { 1 })) { EverySegment = true };
        var truncated = Gradients(model, new BackpropagationThroughTime(2), part);

        model.zero_grad();
        var memory = model.Adapter.InitialMemory(1);
        var losses = new List<Tensor>();
        foreach (var (t, step) in part.Batch.Steps.Index())
        {
            if (t == 2) memory = new(memory.Tokens.detach());
            var output = model.Adapter.call(step, memory);
            losses.Add(nn.functional.cross_entropy(model.Head(output.Hidden), part.Labels!));
            memory = output.Memory;
        }
        var loss = stack(losses).mean();
        loss.backward();
        Same((loss.item<float>(), Taken(model)), truncated, 1e-5);
    }

    [Fact]
    public void A_model_without_memory_and_one_with_a_frozen_backbone_can_be_replayed()
    {
        using var scope = NewDisposeScope();
        using var plain = Tiny.Classifier(memoryTokens: 0);
        var part = new UpdatePart(new Segmenter(Tiny.Layout(0)).Batch(Documents([50, 3]), CPU), tensor(new long[] { 0, 2 }));
        Same(Gradients(plain, new BackpropagationThroughTime(), part), Gradients(plain, new MemoryReplay(), part), 1e-5);

        using var frozen = Tiny.Classifier();
        foreach (var parameter in frozen.Adapter.Backbone.Module.parameters()) parameter.requires_grad_(false);
        Same(Gradients(frozen, new BackpropagationThroughTime(), Part([50, 3, 0], true)), Gradients(frozen, new MemoryReplay(), Part([50, 3, 0], true)), 1e-5);
    }

    [Fact]
    public void With_products_in_bfloat16_memory_stays_wide_and_replay_stays_near()
    {
        Assert.SkipUnless(Provider.HasExtras, "autocast is an extra of Rmt.Torch");
        using var scope = NewDisposeScope();
        using var model = Tiny.Classifier();
        var part = Part(Lengths["mixed"], true);
        var narrow = part with { Autocast = ScalarType.BFloat16 };
        using (no_grad())
        using (Autocast.Begin(CPU))
        {
            var output = model.Adapter.call(part.Batch.Steps[0], model.Adapter.InitialMemory(4));
            Assert.Equal(ScalarType.Float32, output.Memory.Tokens.dtype);
        }
        // The graph of all segments adds the gradients of a weight in bfloat16, replay in float32: they are near, not equal.
        var wide = Gradients(model, new BackpropagationThroughTime(), part);
        var (whole, replay) = (Gradients(model, new BackpropagationThroughTime(), narrow), Gradients(model, new MemoryReplay(), narrow));
        Assert.Equal(wide.Loss, replay.Loss, 1e-2);
        Assert.NotEqual(wide.Loss, replay.Loss);
        Assert.Equal(whole.Loss, replay.Loss, 1e-2);      // products without a graph may be other kernels, which round otherwise
        Same((replay.Loss, wide.Values), replay, 0.1);
        Same((replay.Loss, whole.Values), replay, 0.1);
    }

    [Fact]
    public void Replay_holds_as_much_for_many_segments_as_for_few_and_leaves_nothing()
    {
        Assert.SkipUnless(Provider.HasExtras, "the bytes that are kept are an extra of Rmt.Torch");
        using var model = Tiny.Classifier();
        model.train();
        long Bytes(IBackpropagation backpropagation, int segments)
        {
            CpuMemory.SetLimit(0);
            CpuMemory.SetLimit(CpuMemory.DefaultLimit);
            using var scope = NewDisposeScope();
            model.zero_grad();
            backpropagation.Backward(model, Part([.. Enumerable.Repeat(17 * segments, 8)], false));
            return CpuMemory.Kept;
        }
        var replay = new MemoryReplay();
        Bytes(replay, 3);
        var (few, many) = (Bytes(replay, 4), Bytes(replay, 32));
        var (fewKept, manyKept) = (Bytes(new BackpropagationThroughTime(), 4), Bytes(new BackpropagationThroughTime(), 32));
        TestContext.Current.TestOutputHelper?.WriteLine($"bytes at 4 and 32 segments: replay {few} and {many}, whole graph {fewKept} and {manyKept}");
        const int MemoryStates = 28 * 8 * 4 * 16 * sizeof(float);
        Assert.InRange(many, 0, few * 1.1 + 2 * MemoryStates);
        Assert.True(manyKept > 5 * fewKept);
        model.zero_grad();
        Leaks.None(() =>
        {
            Bytes(replay, 5);
            model.zero_grad();
        });
    }

    [Fact]
    public void Live_tensors_are_as_many_for_many_segments_as_for_few()
    {
        using var model = Tiny.Classifier();
        long Most(int segments)
        {
            using var scope = NewDisposeScope();
            model.zero_grad();
            var before = Leaks.Baseline();
            var part = Part([17 * segments, 5], everySegment: true);
            var steps = new Watched(part.Batch.Steps);
            new MemoryReplay().Backward(model, part with { Batch = new(2, steps) });
            return steps.Most - before;
        }
        Assert.Equal(Most(3), Most(3));
        Assert.Equal(Most(3), Most(24));
    }

    [Fact]
    public void A_depth_below_one_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new BackpropagationThroughTime(0));

    private static ReadOnlyMemory<int>[] Documents(int[] lengths)
    {
        var dice = new Random(11);
        return [.. lengths.Select(length => (ReadOnlyMemory<int>)Tiny.Document(dice, length))];
    }

    private static UpdatePart Part(int[] lengths, bool everySegment) =>
        new(new Segmenter(Tiny.Layout()).Batch(Documents(lengths), CPU), tensor(lengths.Select((_, i) => (long)(i % 3)).ToArray()))
        {
            EverySegment = everySegment, Weight = 0.7, Seeds = new(3, 5, 1),
        };

    private static (float Loss, Dictionary<string, Tensor> Values) Gradients(RecurrentClassifier model, IBackpropagation backpropagation, UpdatePart part)
    {
        model.zero_grad();
        var loss = backpropagation.Backward(model, part).item<float>();
        return (loss, Taken(model));
    }

    private static Dictionary<string, Tensor> Taken(RecurrentClassifier model) =>
        model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.grad?.clone() ?? zeros_like(entry.parameter).detach());

    // Relative to the largest gradient of the parameter; the key's bias shifts all scores alike, and has none but for rounding.
    private static void Same((float Loss, Dictionary<string, Tensor> Values) expected, (float Loss, Dictionary<string, Tensor> Values) actual, double tolerance)
    {
        Assert.Equal(expected.Loss, actual.Loss, tolerance);
        var worst = 0.0;
        foreach (var (name, value) in expected.Values)
        {
            if (value.numel() == 0) continue;
            var scale = expected.Values[name.Replace("key.bias", "query.bias", StringComparison.Ordinal)].abs().max().item<float>();
            var difference = Near.Distance(actual.Values[name], value) / Math.Max(scale, 1e-30);
            Assert.True(difference <= tolerance, $"{name}: {difference:E2}");
            worst = Math.Max(worst, difference);
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"largest relative difference {worst:E2}");
    }

    private sealed class Watched(IReadOnlyList<SegmentStep> steps) : IReadOnlyList<SegmentStep>
    {
        public long Most { get; private set; }

        public int Count => steps.Count;

        public SegmentStep this[int index]
        {
            get
            {
                Most = Math.Max(Most, Tensor.TotalCount);
                return steps[index];
            }
        }

        public IEnumerator<SegmentStep> GetEnumerator() => steps.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
