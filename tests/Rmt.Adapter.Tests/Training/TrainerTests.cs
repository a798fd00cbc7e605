using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter.Tests.Training;

/// <summary>Laws of the loop of training.</summary>
public sealed class TrainerTests
{
    [Fact]
    public void What_stands_in_the_first_of_two_segments_is_learnt()
    {
        using var model = Tiny.Classifier(dropout: 0);
        var segmenter = new Segmenter(model.Adapter.Layout);
        var options = Lesson.Options with { Updates = 400, Documents = 16, DocumentsPerPart = 16, EvaluateEvery = 50, TargetAccuracy = 0.95 };
        using var trainer = new Trainer(model, segmenter, new BackpropagationThroughTime(), options, new Lesson(1, 5000, 2), new Lesson(2, 100, 2));
        var steps = trainer.Run().ToList();
        foreach (var step in steps.Where(step => step.Evaluation is not null)) TestContext.Current.TestOutputHelper?.WriteLine($"{step}");
        Assert.Equal(TrainingEnd.Target, steps[^1].End);
        Assert.InRange(trainer.Evaluate().Accuracy, 0.95, 1);
    }

    [Fact]
    public void The_same_seed_gives_the_same_losses_and_another_seed_others()
    {
        double[] Losses(long seed)
        {
            using var model = Tiny.Classifier();
            using var trainer = Lesson.Trainer(model, Lesson.Options with { Seed = seed });
            return [.. trainer.Run().Select(step => step.Loss)];
        }
        Assert.Equal(Losses(1), Losses(1));
        Assert.NotEqual(Losses(1), Losses(2));
    }

    [Fact]
    public void Every_epoch_takes_every_document_once_in_an_order_of_its_own()
    {
        using var model = Tiny.Classifier();
        foreach (var count in new[] { 1, 2, 7, 16, 20 })
        {
            var lesson = new Lesson(1, count, 1);
            using var trainer = new Trainer(model, new Segmenter(model.Adapter.Layout), new MemoryReplay(),
                Lesson.Options with { Updates = 3, Documents = count, EvaluateEvery = 0 }, lesson, []);
            Assert.Equal(3, trainer.Run().Count());
            var epochs = lesson.Asked.Chunk(count).ToArray();
            foreach (var epoch in epochs) Assert.Equal(Enumerable.Range(0, count), epoch.Order());
            if (count > 6) Assert.Equal(3, epochs.DistinctBy(epoch => string.Join(' ', epoch)).Count());
        }
    }

    [Fact]
    public void Updates_in_parts_lose_what_updates_in_one_go_lose()
    {
        double[] Losses(int documentsPerPart, IBackpropagation backpropagation)
        {
            using var model = Tiny.Classifier(dropout: 0);
            using var trainer = Lesson.Trainer(model, Lesson.Options with { DocumentsPerPart = documentsPerPart, Updates = 3, EvaluateEvery = 0 }, 2, backpropagation);
            return [.. trainer.Run().Select(step => step.Loss)];
        }
        var whole = Losses(8, new BackpropagationThroughTime());
        foreach (var other in new[] { Losses(3, new MemoryReplay()), Losses(1, new BackpropagationThroughTime()) })
            Assert.All(whole.Zip(other), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    /// <remarks>An update of documents of unequal lengths: how many have begun differs from step to step and from part to part.</remarks>
    [Fact]
    public void Where_every_segment_counts_the_parts_of_an_update_are_no_matter_either()
    {
        var dice = new Random(4);
        TrainingDocument[] documents = [.. new[] { 60, 3, 40, 17, 0, 85, 20, 34 }.Select((length, i) => new TrainingDocument(Tiny.Document(dice, length), i % 3))];
        double[] Losses(int documentsPerPart, IBackpropagation backpropagation)
        {
            using var model = Tiny.Classifier(dropout: 0);
            using var trainer = new Trainer(model, new Segmenter(model.Adapter.Layout), backpropagation,
                Lesson.Options with { EverySegment = true, DocumentsPerPart = documentsPerPart, Updates = 3, EvaluateEvery = 0 }, documents, []);
            return [.. trainer.Run().SelectMany(step => new[] { step.Loss, step.GradientNorm })];
        }
        var whole = Losses(8, new BackpropagationThroughTime());
        foreach (var other in new[] { Losses(3, new MemoryReplay()), Losses(1, new BackpropagationThroughTime()) })
            Assert.All(whole.Zip(other), pair => Assert.Equal(pair.First, pair.Second, 1e-4 * Math.Abs(pair.First)));
    }

    [Fact]
    public void Weights_decay_but_biases_and_norms_do_not()
    {
        Dictionary<string, Tensor> After(double decay)
        {
            using var model = Tiny.Classifier();
            using var trainer = Lesson.Trainer(model, Lesson.Options with { WeightDecay = decay, Updates = 1, EvaluateEvery = 0 });
            _ = trainer.Run().Last();
            return Weights(model);
        }
        using var scope = NewDisposeScope();
        var (without, with) = (After(0), After(0.5));
        foreach (var (name, weight) in without)
            Assert.True(weight.ndim > 1 == Near.Distance(weight, with[name]) > 0, name);
    }

    [Theory]
    [InlineData(0, 3e-3, 3e-3, "adapter.memory head")]
    [InlineData(3e-3, 0, 3e-3, "adapter.backbone head")]
    [InlineData(3e-3, 3e-3, 0, "adapter.backbone adapter.memory")]
    public void Backbone_memory_and_head_have_rates_of_their_own(double backbone, double memory, double head, string moved)
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Classifier();
        var before = Weights(model);
        using var trainer = Lesson.Trainer(model, Lesson.Options with { BackboneRate = backbone, MemoryRate = memory, HeadRate = head, Updates = 2, EvaluateEvery = 0 });
        _ = trainer.Run().Last();
        Assert.Equal(moved.Split(' '), Moved(before, Weights(model)));
    }

    [Fact]
    public void A_document_of_another_vocabulary_is_refused_and_no_weight_moves()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Classifier();
        var before = Weights(model);
        using var trainer = new Trainer(model, new Segmenter(model.Adapter.Layout), new MemoryReplay(), Lesson.Options, [new(new[] { 3, Tiny.Vocabulary }, 0)], new Lesson(2, 12, 2));
        Assert.Contains($"token 1 of document 0 of the training set is {Tiny.Vocabulary}", Assert.Throws<ArgumentException>(() => trainer.Run().Last()).Message, StringComparison.Ordinal);
        Assert.Empty(Moved(before, Weights(model)));
    }

    [Fact]
    public void A_frozen_backbone_stays_and_can_be_trained_afterwards()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Classifier();
        var before = Weights(model);
        using (var trainer = Lesson.Trainer(model, Lesson.Options with { FreezeBackbone = true, Updates = 2, EvaluateEvery = 0 })) _ = trainer.Run().Last();
        Assert.Equal(["adapter.memory", "head"], Moved(before, Weights(model)));
        Assert.All(model.parameters(), parameter => Assert.True(parameter.requires_grad));
    }

    [Fact]
    public void Rates_rise_in_a_line_and_fall_in_a_line()
    {
        var options = new TrainingOptions { Updates = 10, Warmup = 0.4 };
        var factors = Enumerable.Range(0, 10).Select(update => options.RateFactor(update)).ToArray();
        var expected = new[] { 1 / 4.0, 2 / 4.0, 3 / 4.0, 1, 1, 5 / 6.0, 4 / 6.0, 3 / 6.0, 2 / 6.0, 1 / 6.0 };
        Assert.All(expected.Zip(factors), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        Assert.Equal(1, (options with { Warmup = 0 }).RateFactor(0));
        Assert.Equal(1, (options with { Warmup = 1 }).RateFactor(9));
    }

    [Fact]
    public void Clipping_holds_the_norm_or_every_element()
    {
        // One step of AdamW from nothing moves every weight by its rate, however long the gradient: so the norm is read where it is reported, and the
        // effect where a second step's mean remembers the first.
        double[] Losses(double? value, double? norm)
        {
            using var model = Tiny.Classifier();
            using var trainer = Lesson.Trainer(model, Lesson.Options with { ClipValue = value, ClipNorm = norm, Updates = 4, EvaluateEvery = 0 });
            var steps = trainer.Run().ToList();
            Assert.All(steps, step => Assert.True(step.GradientNorm > 0.5));
            return [.. steps.Select(step => step.Loss)];
        }
        var free = Losses(null, null);
        Assert.Equal(free, Losses(1e6, null));
        Assert.Equal(free, Losses(null, 1e6));
        Assert.NotEqual(free, Losses(1e-3, null));
        Assert.NotEqual(free, Losses(null, 0.3));
    }

    [Fact]
    public void A_loss_that_is_no_number_stops_and_says_where_and_leaves_the_weights_of_the_update_before()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Classifier();
        using var trainer = Lesson.Trainer(model, Lesson.Options with { HeadRate = 1e25, BackboneRate = 1e25, MemoryRate = 1e25, Warmup = 0, EvaluateEvery = 0 });
        var last = Weights(model);
        var updates = 0;
        var error = Assert.Throws<TrainingDivergedException>(() =>
        {
            foreach (var step in trainer.Run()) (last, updates) = (Weights(model), updates + 1);
        });
        Assert.InRange(updates, 1, 11);
        Assert.Equal(updates, error.Update);
        Assert.Contains($"update {updates + 1}:", error.Message, StringComparison.Ordinal);
        Assert.Empty(Moved(last, Weights(model)));
        Assert.Equal(updates, trainer.Update);
        trainer.UseBest();
        Assert.InRange(trainer.Evaluate().Loss, 0, 10);
    }

    [Fact]
    public void A_gradient_that_is_no_number_stops_before_it_reaches_a_weight()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Classifier();
        using var trainer = Lesson.Trainer(model, Lesson.Options with { EvaluateEvery = 0 }, backpropagation: new Spoilt());
        var steps = trainer.Run().GetEnumerator();
        Assert.True(steps.MoveNext());
        Assert.True(steps.MoveNext());
        var before = Weights(model);
        var error = Assert.Throws<TrainingDivergedException>(() => steps.MoveNext());
        Assert.Contains("update 3: the norm of its gradients is NaN", error.Message, StringComparison.Ordinal);
        Assert.Equal((2L, 2L), (error.Update, trainer.Update));
        Assert.Empty(Moved(before, Weights(model)));
    }

    // The third update's gradients: finite but for one number.
    private sealed class Spoilt : IBackpropagation
    {
        private readonly MemoryReplay replay = new();

        public Tensor Backward(RecurrentModel model, UpdatePart part)
        {
            var loss = replay.Backward(model, part);
            if (part.Seeds is { Update: 2, Part: 1 }) model.parameters().Last().grad![0] = tensor(float.NaN);
            return loss;
        }
    }

    [Fact]
    public void Generated_documents_are_asked_for_by_other_threads_and_train_as_listed_ones_do()
    {
        double[] Losses(IReadOnlyList<TrainingDocument> training)
        {
            using var model = Tiny.Classifier();
            using var trainer = new Trainer(model, new Segmenter(model.Adapter.Layout), new MemoryReplay(), Lesson.Options with { EvaluateEvery = 0 }, training, []);
            return [.. trainer.Run().Select(step => step.Loss)];
        }
        TrainingDocument[] listed = [.. new Lesson(1, 20, 2)];
        Assert.Equal(Losses(listed), Losses(new GeneratedDocuments(20, index => listed[index])));
        var failing = new GeneratedDocuments(20, index => throw new InvalidOperationException("no document"));
        Assert.ThrowsAny<Exception>(() => Losses(failing));
    }

    [Fact]
    public void Training_ends_when_nothing_gets_better_or_the_target_is_reached_and_the_best_weights_are_kept()
    {
        using var model = Tiny.Classifier();
        var still = Lesson.Options with { BackboneRate = 0, MemoryRate = 0, HeadRate = 0, EvaluateEvery = 1, Patience = 3 };
        using (var trainer = Lesson.Trainer(model, still))
        {
            var steps = trainer.Run().ToList();
            Assert.Equal(4, steps.Count);
            Assert.Equal(TrainingEnd.Patience, steps[^1].End);
            Assert.Equal([true, false, false, false], steps.Select(step => step.Evaluation!.IsBest));
            Assert.Empty(trainer.Run());
        }
        using (var trainer = Lesson.Trainer(model, still with { TargetAccuracy = 0.01 })) Assert.Equal(TrainingEnd.Target, Assert.Single(trainer.Run()).End);
        using (var trainer = Lesson.Trainer(model, Lesson.Options with { EvaluateEvery = 2, HeadRate = 0.3 }))
        {
            var steps = trainer.Run().ToList();
            Assert.Equal(TrainingEnd.Updates, steps[^1].End);
            Assert.Equal([2L, 4, 6, 8, 10, 12], steps.Where(step => step.Evaluation is not null).Select(step => step.Update));
            var best = steps.Where(step => step.Evaluation is not null).MaxBy(step => step.Evaluation!.Accuracy)!;
            Assert.Equal((best.Update, best.Evaluation!.Accuracy), (trainer.BestUpdate, trainer.BestAccuracy));
            trainer.UseBest();
            Assert.Equal((best.Evaluation.Accuracy, best.Evaluation.Loss), trainer.Evaluate());
        }
    }

    [Fact]
    public void An_update_leaves_no_tensor_behind()
    {
        using var model = Tiny.Classifier();
        using var trainer = Lesson.Trainer(model);
        using var steps = trainer.Run().GetEnumerator();
        void Advance(int updates)
        {
            for (var i = 0; i < updates; i++) Assert.True(steps.MoveNext());
        }
        Advance(4);
        Leaks.None(() => Advance(4));
    }

    public static TheoryData<TrainingOptions, string> Wrong => new()
    {
        { new() { Updates = 0 }, "Updates is 0, expected 1 or more" },
        { new() { Warmup = 1.5 }, "Warmup is 1.5, expected from 0 to 1" },
        { new() { Documents = 0 }, "Documents is 0" },
        { new() { DocumentsPerPart = 0 }, "DocumentsPerPart is 0" },
        { new() { BackboneRate = -1 }, "BackboneRate is -1, expected 0 or more" },
        { new() { MemoryRate = double.NaN }, "MemoryRate is NaN" },
        { new() { HeadRate = double.PositiveInfinity }, "HeadRate is Infinity" },
        { new() { WeightDecay = -0.1 }, "WeightDecay is -0.1" },
        { new() { Beta1 = 1 }, "Beta1 is 1" },
        { new() { Beta2 = -1 }, "Beta2 is -1" },
        { new() { Epsilon = 0 }, "Epsilon is 0" },
        { new() { ClipValue = 0 }, "ClipValue is 0" },
        { new() { ClipValue = null, ClipNorm = -1 }, "ClipNorm is -1" },
        { new() { ClipNorm = 1 }, "ClipNorm is 1, expected absent where ClipValue is given (5)" },
        { new() { EvaluateEvery = -1 }, "EvaluateEvery is -1" },
        { new() { EvaluationDocuments = 0 }, "EvaluationDocuments is 0" },
        { new() { Patience = 0 }, "Patience is 0" },
        { new() { TargetAccuracy = 1.1 }, "TargetAccuracy is 1.1" },
        { new() { TargetAccuracy = 0.9, EvaluateEvery = 0 }, "EvaluateEvery is 0" },
        { new() { Bfloat16 = true }, "Bfloat16 is for CUDA devices, the model is on cpu" },
    };

    [Theory, MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void An_option_out_of_its_range_is_refused_by_name(TrainingOptions options, string message)
    {
        using var model = Tiny.Classifier();
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => Lesson.Trainer(model, options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Documents_that_cannot_be_trained_on_are_refused()
    {
        using var model = Tiny.Classifier();
        Trainer Of(IReadOnlyList<TrainingDocument> training, IReadOnlyList<TrainingDocument> validation) =>
            new(model, new Segmenter(model.Adapter.Layout), new MemoryReplay(), Lesson.Options, training, validation);
        Assert.Contains("no document to train on", Assert.Throws<ArgumentException>(() => Of([], new Lesson(1, 1, 1))).Message, StringComparison.Ordinal);
        Assert.Contains("EvaluateEvery to 0", Assert.Throws<ArgumentException>(() => Of(new Lesson(1, 1, 1), [])).Message, StringComparison.Ordinal);
        using var trainer = Of([new(new[] { 5 }, 3)], new Lesson(1, 1, 1));
        Assert.Contains("document 0 of the training set has label 3, expected 0 to 2", Assert.Throws<ArgumentException>(() => trainer.Run().Count()).Message, StringComparison.Ordinal);
        using var judged = Of(new Lesson(1, 1, 1), [new(new[] { 5 }, 2), new(new[] { 5 }, -1)]);
        Assert.Contains("document 1 of the validation set has label -1, expected 0 to 2", Assert.Throws<ArgumentException>(() => judged.Evaluate()).Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, Tensor> Weights(RecurrentClassifier model) =>
        model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.detach().clone());

    // The parts of the model of which a weight is another.
    private static string[] Moved(Dictionary<string, Tensor> before, Dictionary<string, Tensor> after) =>
        [.. before.Where(entry => !entry.Value.bytes.SequenceEqual(after[entry.Key].bytes))
            .Select(entry => entry.Key.StartsWith("head", StringComparison.Ordinal) ? "head" : string.Join('.', entry.Key.Split('.')[..2])).Distinct().Order()];
}
