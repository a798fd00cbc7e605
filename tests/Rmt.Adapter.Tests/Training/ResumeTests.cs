using Rmt.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter.Tests.Training;

/// <summary>A training that was saved and resumed is one that never stopped.</summary>
public sealed class ResumeTests
{
    private static readonly TrainingOptions Options = Lesson.Options with { Updates = 11, EvaluateEvery = 3, HeadRate = 0.05 };

    public static TheoryData<int, bool> Stops => new((0, false), (1, false), (4, false), (6, false), (10, false), (11, false), (5, true));

    [Theory, MemberData(nameof(Stops))]
    public void Stopped_anywhere_it_goes_on_to_the_bit_with_dropout_and_shuffling(int update, bool frozen)
    {
        var options = Options with { FreezeBackbone = frozen };
        using var model = Tiny.Classifier();
        using var never = Lesson.Trainer(model, options);
        using var saved = new MemoryStream();
        var steps = new List<TrainingStep>();
        foreach (var step in Stopping(never, update, saved)) steps.Add(step);

        // Another model: with a frozen backbone only that is the same, its weights are not saved.
        using var other = Tiny.Classifier(seed: frozen ? 7 : 99);
        _ = other.get_parameter("adapter.memory")!.detach().fill_(3);
        using var resumed = Lesson.Trainer(other, options);
        saved.Position = 0;
        resumed.Load(saved);
        Assert.Equal(saved.Length, saved.Position);
        Assert.Equal(update, resumed.Update);
        Assert.Equal(steps[update..], resumed.Run());
        Assert.Equal((never.BestAccuracy, never.BestUpdate, never.End), (resumed.BestAccuracy, resumed.BestUpdate, resumed.End));
        Same(model, other);
        never.UseBest();
        resumed.UseBest();
        Same(model, other);
    }

    [Fact]
    public void Saving_changes_nothing_and_saves_the_same_twice()
    {
        using var model = Tiny.Classifier();
        using var trainer = Lesson.Trainer(model, Options);
        _ = trainer.Run().Take(4).Last();
        using var first = new MemoryStream();
        using var second = new MemoryStream();
        trainer.Save(first);
        Leaks.None(() => trainer.Save(second));
        Assert.True(first.ToArray().AsSpan().SequenceEqual(second.ToArray()));
    }

    [Fact]
    public void Another_training_is_refused_and_changes_nothing()
    {
        using var model = Tiny.Classifier();
        using var trainer = Lesson.Trainer(model, Options);
        _ = trainer.Run().Take(2).Last();
        var saved = Saved(trainer);
        void Refused(Trainer other, string message)
        {
            using (other)
            {
                var before = Saved(other);
                var error = Assert.Throws<InvalidDataException>(() => other.Load(new MemoryStream(saved)));
                Assert.Contains(message, error.Message, StringComparison.Ordinal);
                Assert.True(before.AsSpan().SequenceEqual(Saved(other)));
            }
        }
        Refused(Lesson.Trainer(model, Options with { Seed = 1 }), "the options of the saved training differ");
        Refused(Lesson.Trainer(model, Options with { FreezeBackbone = true }), "the options");
        using var more = Tiny.Classifier(labels: 4);
        Refused(Lesson.Trainer(more, Options), "the trained weights");
        using var wider = Tiny.Classifier(memoryTokens: 5);
        Refused(Lesson.Trainer(wider, Options), "5 of memory");
        Refused(Of(SegmentAlignment.Left, new MemoryReplay()), "the alignment of segments");
        Refused(Of(SegmentAlignment.Right, new BackpropagationThroughTime(1)), "the segments that a gradient passes through");
        Trainer Of(SegmentAlignment alignment, IBackpropagation through) =>
            new(model, new Segmenter(model.Adapter.Layout, alignment), through, Options, new Lesson(1, 20, 2), new Lesson(2, 12, 2));
        var lesson = new Lesson(1, 21, 2);
        Refused(new(model, new Segmenter(model.Adapter.Layout), new MemoryReplay(), Options, lesson, new Lesson(2, 12, 2)), "the number of documents to train on");
    }

    [Fact]
    public void A_part_of_a_saved_training_is_refused_wherever_it_is_cut()
    {
        using var model = Tiny.Classifier();
        using var trainer = Lesson.Trainer(model, Options);
        _ = trainer.Run().Take(2).Last();
        var saved = Saved(trainer);
        var dice = new Random(1);
        foreach (var length in Enumerable.Range(0, 40).Select(_ => dice.Next(saved.Length)).Append(0).Append(saved.Length - 1))
            Assert.Throws<InvalidDataException>(() => trainer.Load(new MemoryStream(saved[..length])));
        foreach (var _ in Enumerable.Range(0, 20))
        {
            var noise = new byte[200];
            dice.NextBytes(noise);
            Assert.Throws<InvalidDataException>(() => trainer.Load(new MemoryStream(noise)));
        }
        trainer.Load(new MemoryStream(saved));
    }

    private static IEnumerable<TrainingStep> Stopping(Trainer trainer, int update, Stream saved)
    {
        if (update == 0) trainer.Save(saved);
        foreach (var step in trainer.Run())
        {
            if (step.Update == update) trainer.Save(saved);
            yield return step;
        }
    }

    private static byte[] Saved(Trainer trainer)
    {
        using var stream = new MemoryStream();
        trainer.Save(stream);
        return stream.ToArray();
    }

    private static void Same(RecurrentClassifier a, RecurrentClassifier b)
    {
        foreach (var (one, other) in a.named_parameters().Zip(b.named_parameters()))
            Assert.True(one.parameter.bytes.SequenceEqual(other.parameter.bytes), one.name);
    }
}
