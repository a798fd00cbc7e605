using Rmt.Adapter;
using Rmt.Testing;
using static TorchSharp.torch;

namespace Rmt.Gpt2.Tests;

/// <summary>A language model under memory learns as a classifier does: the same ways to propagate back, the same trainer, the same resumption.</summary>
public sealed class LanguageTrainingTests
{
    private static readonly TrainingOptions Options = new()
    {
        Updates = 8, Documents = 6, DocumentsPerPart = 4, BackboneRate = 3e-3, MemoryRate = 3e-3, EvaluateEvery = 3, EvaluationDocuments = 3, ClipValue = null, ClipNorm = 1,
    };

    private static readonly Dictionary<string, int[]> Lengths = new()
    {
        ["1 segment"] = [9, 16], ["2 segments"] = [30, 20], ["5 segments"] = [80, 66], ["mixed"] = [0, 1, 16, 40, 80],
    };

    public static TheoryData<string, SegmentAlignment> Cases => new(from name in Lengths.Keys from alignment in Enum.GetValues<SegmentAlignment>() select (name, alignment));

    [Theory, MemberData(nameof(Cases))]
    public void Memory_replay_gives_the_gradients_of_the_whole_graph_with_dropout(string name, SegmentAlignment alignment)
    {
        using var scope = NewDisposeScope();
        using var model = Model(dropout: 0.1);
        model.train();
        var part = Part(model, Lengths[name], alignment) with { Weight = 0.7, Seeds = new(3, 5, 1) };
        Same(Gradients(model, new BackpropagationThroughTime(), part), Gradients(model, new MemoryReplay(), part));
    }

    [Fact]
    public void The_gradients_are_those_of_the_loss_that_agrees_with_the_authors_code()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        var part = Part(model, Lengths["mixed"]);
        model.zero_grad();
        var loss = model.call(part.Batch);
        loss.backward();
        Same((loss.item<float>(), Taken(model)), Gradients(model, new BackpropagationThroughTime(), part));
    }

    [Fact]
    public void The_loss_is_the_mean_over_all_tokens_that_another_one_follows_across_segments()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var model = Model();
        var document = Tiny.Document(new(4), 40);
        var batch = new Segmenter(model.Adapter.Layout).Batch([document], CPU);
        var memory = model.Adapter.InitialMemory(1);
        var logits = new List<Tensor>();
        foreach (var step in batch.Steps)
        {
            (var segment, memory) = model.Step(step, memory);
            logits.Add(segment[0]);
        }
        var following = tensor(document[1..].Select(id => (long)id).ToArray());
        Near.Equal(nn.functional.cross_entropy(cat(logits)[..39], following), model.call(batch), 1e-6, "loss");
    }

    [Fact]
    public void Truncated_no_gradient_passes_from_a_run_of_segments_to_the_one_before()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        var part = Part(model, [64]);       // 4 segments in runs of 2
        var truncated = Gradients(model, new BackpropagationThroughTime(2), part);
        model.zero_grad();
        var halves = Halves(model, part.Batch).ToList();
        foreach (var half in halves) half.backward();
        Same((halves.Sum(half => half.item<float>()), Taken(model)), truncated);
        Assert.False(Near.Distance(Gradients(model, new MemoryReplay(), part).Values["adapter.memory"], truncated.Values["adapter.memory"]) < 1e-7);
    }

    [Fact]
    public void With_a_frozen_backbone_memory_alone_learns_from_the_run_it_enters()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        foreach (var parameter in model.Adapter.Backbone.Module.parameters()) parameter.requires_grad_(false);
        var part = Part(model, [64, 20]);
        Same(Gradients(model, new BackpropagationThroughTime(), part), Gradients(model, new MemoryReplay(), part));
        var taken = Gradients(model, new BackpropagationThroughTime(2), part).Values;
        Assert.True(taken["adapter.memory"].abs().max().item<float>() > 0);
    }

    [Fact]
    public void An_update_in_parts_is_the_update_in_one_whatever_their_lengths()
    {
        using var scope = NewDisposeScope();
        List<float[]> weights = [];
        foreach (var size in new[] { 6, 4, 1 })
        {
            using var model = Model();
            using var trainer = Trainer(model, Options with { Updates = 1, Warmup = 0, DocumentsPerPart = size, EvaluateEvery = 0 });
            _ = Assert.Single(trainer.Run());
            weights.Add([.. model.parameters().SelectMany(parameter => parameter.data<float>().ToArray())]);
        }
        // AdamW's first step is ± the rate: where a gradient is nearly 0, rounding decides.
        foreach (var other in weights[1..])
            Assert.True(weights[0].Zip(other).Count(pair => Math.Abs(pair.First - pair.Second) > 1e-4) < weights[0].Length / 100);
    }

    [Theory]
    [InlineData(0), InlineData(1), InlineData(4), InlineData(8)]
    public void Stopped_anywhere_it_goes_on_to_the_bit(int update)
    {
        using var model = Model(dropout: 0.1);
        using var never = Trainer(model, Options);
        using var saved = new MemoryStream();
        var steps = new List<TrainingStep>();
        if (update == 0) never.Save(saved);
        foreach (var step in never.Run())
        {
            steps.Add(step);
            if (step.Update == update) never.Save(saved);
        }
        using var other = Model(dropout: 0.1, seed: 99);
        using var resumed = Trainer(other, Options);
        saved.Position = 0;
        resumed.Load(saved);
        Assert.Equal(steps[update..], resumed.Run());
        Assert.Equal((never.BestAccuracy, never.BestLoss, never.BestUpdate), (resumed.BestAccuracy, resumed.BestLoss, resumed.BestUpdate));
        foreach (var (one, two) in model.named_parameters().Zip(other.named_parameters()))
            Assert.True(one.parameter.bytes.SequenceEqual(two.parameter.bytes), one.name);
    }

    [Fact]
    public void The_lowest_loss_is_kept_and_a_token_that_memory_alone_knows_is_learnt()
    {
        using var model = Model();
        using var trainer = Trainer(model, Options with { Updates = 250, Documents = 16, DocumentsPerPart = 16, EvaluateEvery = 50, BackboneRate = 5e-3, MemoryRate = 5e-3 });
        var evaluations = trainer.Run().Where(step => step.Evaluation is not null).Select(step => step.Evaluation!).ToList();
        Assert.Equal(evaluations.Min(one => one.Loss), trainer.BestLoss);
        trainer.UseBest();
        var (accuracy, loss) = trainer.Evaluate();
        Assert.Equal(trainer.BestLoss!.Value, loss, 1e-6);
        Assert.Equal(trainer.BestAccuracy!.Value, accuracy, 1e-6);

        var arms = new MemoryArms(model, new(model.Adapter.Layout));
        foreach (var group in MemoryArms.Groups([.. Echoes(2, 24).Select(document => document.Tokens)], 8)) arms.Read(group);
        var later = SegmentLoss.Sum([.. arms.Segments.Skip(1)]);
        Assert.Equal(arms.Segments[0].Carried, arms.Segments[0].Reset, 1e-6);
        Assert.True(later.Carried < later.Reset - 0.1 && later.Carried < later.Other - 0.1, $"{later.Carried:F3}, {later.Reset:F3}, {later.Other:F3}");
    }

    // One word all through a document, another in every one: from the second segment on memory alone says which its first is.
    private static TrainingDocument[] Echoes(int seed, int count) =>
        [.. Enumerable.Range(0, count).Select(i => new TrainingDocument(Enumerable.Repeat(3 + (seed + 7 * i) % 20, 48).Select((word, at) => at % 4 == 0 ? word : 30 + (at * 7 + i) % 3).ToArray()))];

    private static Trainer Trainer(RecurrentLanguageModel model, TrainingOptions options) =>
        new(model, new(model.Adapter.Layout), new MemoryReplay(), options, Echoes(0, 40), Echoes(1, 7));

    // What each half loses, the second with the memory of the first as a constant.
    private static IEnumerable<Tensor> Halves(RecurrentLanguageModel model, SegmentBatch batch)
    {
        var (memory, sums) = (model.Adapter.InitialMemory(1), new List<Tensor>());
        foreach (var (t, step) in batch.Steps.Index())
        {
            if (t == 2) memory = new(memory.Tokens.detach());
            (var logits, memory) = model.Step(step, memory);
            var ids = step.TokenIds[0, 4..^4];
            var following = t + 1 < batch.Steps.Count ? cat([ids[1..], batch.Steps[t + 1].TokenIds[0, 4..5]]) : ids[1..];
            sums.Add(nn.functional.cross_entropy(logits[0, ..(int)following.shape[0]], following, reduction: nn.Reduction.Sum) / batch.Followed);
        }
        return [sums[0] + sums[1], sums[2] + sums[3]];
    }

    private static RecurrentLanguageModel Model(double dropout = 0, int seed = 7)
    {
        random.manual_seed(seed);
        var model = new RecurrentLanguageModel(new(Small.Gpt2(dropout), new(24, 4, new(null, null, null), isCausal: true)));
        model.eval();
        return model;
    }

    private static UpdatePart Part(RecurrentLanguageModel model, int[] lengths, SegmentAlignment? alignment = null)
    {
        var dice = new Random(11);
        return new(new Segmenter(model.Adapter.Layout, alignment).Batch([.. lengths.Select(length => (ReadOnlyMemory<int>)Tiny.Document(dice, length))], CPU));
    }

    private static (float Loss, Dictionary<string, Tensor> Values) Gradients(RecurrentLanguageModel model, IBackpropagation backpropagation, UpdatePart part)
    {
        model.zero_grad();
        var loss = backpropagation.Backward(model, part).item<float>();
        return (loss, Taken(model));
    }

    private static Dictionary<string, Tensor> Taken(RecurrentLanguageModel model) =>
        model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.grad?.clone() ?? zeros_like(entry.parameter).detach());

    private static void Same((float Loss, Dictionary<string, Tensor> Values) expected, (float Loss, Dictionary<string, Tensor> Values) actual)
    {
        Assert.Equal(expected.Loss, actual.Loss, 1e-5);
        foreach (var (name, value) in expected.Values)
            Near.Equal(value, actual.Values[name], 2e-6 * Math.Max(1, value.abs().max().item<float>()), name);
    }
}
