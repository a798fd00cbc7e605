using System.Text;
using Rmt.Testing;
using static TorchSharp.torch;

namespace Rmt.Adapter.Tests.Training;

/// <summary>Laws of stages: what is carried over, when a stage begins again, and that it can be saved within one.</summary>
public sealed class CurriculumTests
{
    private static readonly TrainingOptions Learning = Lesson.Options with
    {
        Updates = 200,
        Documents = 16,
        DocumentsPerPart = 16,
        EvaluateEvery = 20,
        TargetAccuracy = 0.95,
    };

    private static readonly TrainingOptions Still = Lesson.Options with { Updates = 9, EvaluateEvery = 1, BackboneRate = 0, MemoryRate = 0, HeadRate = 0 };

    [Fact]
    public void Stages_follow_one_another_by_convergence_and_carry_what_was_learnt()
    {
        using var model = Tiny.Classifier(dropout: 0);
        using var curriculum = Of(model, new CurriculumStage(1, Learning), new(2, Learning), new(3, Learning));
        var steps = curriculum.Run().ToList();
        foreach (var step in steps.Where(step => step.End is not null)) TestContext.Current.TestOutputHelper?.WriteLine($"{step}");
        Assert.Equal([StageEnd.Converged, StageEnd.Converged, StageEnd.Converged], steps.Where(step => step.End is not null).Select(step => step.End!.Value));
        Assert.Equal([0, 1, 2], steps.Select(step => step.Stage).Distinct());
        Assert.Equal(steps.Select(step => step.Stage).Order(), steps.Select(step => step.Stage));
        Assert.True(curriculum.IsOver);
        using var trainer = Lesson.Trainer(model, segments: 3);
        Assert.InRange(trainer.Evaluate().Accuracy, 0.9, 1);
    }

    [Fact]
    public void A_stage_that_stays_at_chance_begins_again_from_where_it_began_and_is_given_up_at_last()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Classifier();
        var before = model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        using var curriculum = Of(model, new CurriculumStage(2, Still with { HeadRate = 1e-9 }) { Restarts = 2 }, new(3, Still));
        var ends = curriculum.Run().Where(step => step.End is not null).ToList();
        Assert.Equal([(0, 0, StageEnd.Collapsed), (0, 1, StageEnd.Collapsed), (0, 2, StageEnd.GaveUp)], ends.Select(step => (step.Stage, step.Attempt, step.End!.Value)));
        Assert.All(ends, step => Assert.Equal(3, step.Step.Update));
        Assert.True(curriculum.IsOver);
        foreach (var (name, value) in model.state_dict()) Assert.InRange(Near.Distance(before[name], value), 0, 1e-8);
    }

    [Fact]
    public void A_stage_that_falls_after_it_was_high_begins_again_from_its_best_weights_at_a_lower_rate()
    {
        using var model = Tiny.Classifier(dropout: 0);
        using (var first = Of(model, new CurriculumStage(1, Learning))) _ = first.Run().Last();
        var rough = Learning with { Updates = 60, Warmup = 1, BackboneRate = 0.3, MemoryRate = 0.3, HeadRate = 0.3, EvaluateEvery = 1, TargetAccuracy = null, Patience = 1000 };
        using var curriculum = Of(model, new CurriculumStage(1, rough) { Restarts = 1, RestartRate = 1e-4 });
        var steps = curriculum.Run().ToList();
        var fallen = steps.Single(step => step.End == StageEnd.Collapsed);
        var best = steps.Where(step => step.Attempt == 0).Max(step => step.Step.Evaluation!.Accuracy);
        Assert.InRange(fallen.Step.Evaluation!.Accuracy, 0, best - 0.3);
        Assert.InRange(steps.First(step => step.Attempt == 1).Step.Evaluation!.Accuracy, best - 0.1, 1);
        Assert.Equal(StageEnd.Budget, steps[^1].End);
    }

    [Fact]
    public void What_an_attempt_reached_is_not_lost_by_the_next_one_that_falls_at_once()
    {
        using var model = Tiny.Classifier(dropout: 0);
        using (var first = Of(model, new CurriculumStage(1, Learning))) _ = first.Run().Last();
        var stage = new CurriculumStage(1, Still with { Updates = 30 }) { Restarts = 1 };
        using var curriculum = new Curriculum(model, new Segmenter(model.Adapter.Layout), new Ruin(after: 3), [stage], _ => new(new Lesson(1, 1000, 1), new Lesson(2, 40, 1)));
        var steps = curriculum.Run().ToList();
        Assert.Equal([(0, StageEnd.Collapsed), (1, StageEnd.GaveUp)], steps.Where(step => step.End is not null).Select(step => (step.Attempt, step.End!.Value)));
        Assert.Equal(1, steps.Count(step => step.Attempt == 1));
        using var trainer = Lesson.Trainer(model, segments: 1);
        Assert.InRange(trainer.Evaluate().Accuracy, 0.9, 1);
    }

    /// <summary>Learns nothing, and from some part on destroys all that was learnt.</summary>
    private sealed class Ruin(int after) : IBackpropagation
    {
        private readonly MemoryReplay replay = new();
        private int parts;

        public Tensor Backward(RecurrentModel model, UpdatePart part)
        {
            var loss = replay.Backward(model, part);
            using var mode = no_grad();
            if (parts++ >= after * 3)       // three parts an update
                foreach (var parameter in model.parameters()) _ = parameter.zero_();
            return loss;
        }
    }

    [Fact]
    public void Saved_within_a_stage_between_two_or_after_a_collapse_it_goes_on_to_the_bit()
    {
        var budget = Learning with { Updates = 4, EvaluateEvery = 2, TargetAccuracy = null };
        CurriculumStage[] stages = [new(1, Learning), new(2, budget with { FreezeBackbone = true }), new(3, Still) { Restarts = 1 }];
        using var model = Tiny.Classifier();
        using var never = Of(model, stages);
        var steps = new List<CurriculumStep>();
        var saved = new List<byte[]> { Saved(never) };
        foreach (var step in never.Run())
        {
            steps.Add(step);
            saved.Add(Saved(never));
        }
        var ends = steps.Index().Where(step => step.Item.End is not null).Select(step => step.Index + 1).ToArray();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(' ', steps.Where(step => step.End is not null).Select(step => $"{step.Stage}.{step.Attempt} {step.End}")));
        Assert.True(ends.Length >= 3);
        foreach (var after in new[] { 0, 7 }.Concat(ends.SelectMany(end => new[] { end - 1, end })))
        {
            using var other = Tiny.Classifier(seed: 99);
            using var resumed = Of(other, stages);
            resumed.Load(new MemoryStream(saved[after]));
            Assert.Equal(steps[after..], resumed.Run());
            foreach (var (one, two) in model.parameters().Zip(other.parameters())) Assert.True(one.bytes.SequenceEqual(two.bytes));
        }
    }

    private static byte[] Saved(Curriculum curriculum)
    {
        using var stream = new MemoryStream();
        curriculum.Save(stream);
        return stream.ToArray();
    }

    [Fact]
    public void Other_stages_a_part_and_a_curriculum_that_has_begun_are_refused()
    {
        using var model = Tiny.Classifier();
        using var curriculum = Of(model, new CurriculumStage(1, Lesson.Options));
        _ = curriculum.Run().First();
        using var saved = new MemoryStream();
        curriculum.Save(saved);
        Assert.Throws<InvalidOperationException>(() => curriculum.Load(saved));
        foreach (var other in new[] { new CurriculumStage(2, Lesson.Options), new CurriculumStage(1, Lesson.Options) { Fingerprint = "others" } })
        {
            using var differs = Of(model, other);
            Assert.Contains("the stages", Assert.Throws<InvalidDataException>(() => differs.Load(new MemoryStream(saved.ToArray()))).Message, StringComparison.Ordinal);
        }
        // As it was written before stages had one: those go on.
        Assert.DoesNotContain("Fingerprint", Encoding.UTF8.GetString(saved.ToArray()), StringComparison.Ordinal);
        foreach (var length in new[] { 0, 10, 200, (int)saved.Length / 2, (int)saved.Length - 1 })
        {
            using var fresh = Of(model, new CurriculumStage(1, Lesson.Options));
            Assert.Throws<InvalidDataException>(() => fresh.Load(new MemoryStream(saved.ToArray()[..length])));
        }
    }

    [Fact]
    public void Other_documents_are_told_from_other_stages()
    {
        using var model = Tiny.Classifier();
        using var saved = new MemoryStream();
        using (var curriculum = Of(model, new CurriculumStage(1, Lesson.Options) { Fingerprint = "some" }))
            curriculum.Save(saved);
        using var changed = Of(model, new CurriculumStage(1, Lesson.Options) { Fingerprint = "others" });
        Assert.Contains("has changed since it began", Assert.Throws<InvalidDataException>(() => changed.Load(new MemoryStream(saved.ToArray()))).Message, StringComparison.Ordinal);
        using var longer = Of(model, new CurriculumStage(2, Lesson.Options) { Fingerprint = "others" });
        Assert.Contains("the stages", Assert.Throws<InvalidDataException>(() => longer.Load(new MemoryStream(saved.ToArray()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stage_out_of_its_range_is_refused_by_name()
    {
        using var model = Tiny.Classifier();
        void Refused(CurriculumStage stage, string message) =>
            Assert.Contains(message, Assert.Throws<ArgumentException>(() => Of(model, stage)).Message, StringComparison.Ordinal);
        Refused(new(0, Lesson.Options), "Segments is 0");
        Refused(new(1, Lesson.Options) { Restarts = -1 }, "Restarts is -1");
        Refused(new(1, Lesson.Options) { RestartRate = 1 }, "RestartRate is 1");
        Refused(new(1, Lesson.Options with { EvaluateEvery = 0 }), "EvaluateEvery is 0");
        Refused(new(1, Lesson.Options with { Updates = 0 }), "Updates is 0");
        Assert.Throws<ArgumentException>(() => Of(model));
    }

    private static Curriculum Of(RecurrentClassifier model, params CurriculumStage[] stages) =>
        new(model, new Segmenter(model.Adapter.Layout), new MemoryReplay(), stages, stage => new(new Lesson(1, 1000, stage.Segments), new Lesson(2, 40, stage.Segments)));
}
