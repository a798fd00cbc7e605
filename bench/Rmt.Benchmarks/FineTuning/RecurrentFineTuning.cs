using Rmt.Adapter;
using Rmt.Bert;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Benchmarks;

/// <summary>RMT over all tokens, trained by the library.</summary>
internal sealed class RecurrentFineTuning : IFineTuning
{
    private const int Window = 512;

    private readonly FineTuningRun run;
    private readonly RecurrentClassifier model;
    private readonly Segmenter segmenter;
    private readonly ReviewSets reviews;
    private readonly TrainingOptions options;

    public RecurrentFineTuning(FineTuningRun run, BertModel bert, SpecialTokens special, ReviewSets reviews, Device device)
    {
        (this.run, this.reviews, options) = (run, reviews, run.Options(reviews.Training.Count, run.Epochs));
        segmenter = new(new(Window, run.MemoryTokens!.Value, special));
        manual_seed(run.Seed);
        model = new(new(new BertBackbone(bert), segmenter.Layout), ReviewSets.Classes);
        model.to(device);
    }

    public IEnumerable<TuningStep> Train() => run.Curriculum ? Stages() : Whole();

    private IEnumerable<TuningStep> Whole()
    {
        using var trainer = new Trainer(model, segmenter, new BackpropagationThroughTime(), options, reviews.Training, reviews.Validation);
        foreach (var step in trainer.Run()) yield return new(step.Update, options.Updates, step.Loss, step.Evaluation?.Accuracy);
        trainer.UseBest();
    }

    // A quarter of the epochs on the first segment, the rest on all: together as many as without a curriculum, so none begins again.
    private IEnumerable<TuningStep> Stages()
    {
        var longest = reviews.Training.Concat(reviews.Validation).Max(document => segmenter.Split(document.Tokens.Length).Count);
        var first = Math.Max(1, run.Epochs / 4);
        CurriculumStage[] stages =
        [
            new(1, run.Options(reviews.Training.Count, first)) { Restarts = null }, new(longest, run.Options(reviews.Training.Count, run.Epochs - first)) { Restarts = null },
        ];
        using var curriculum = new Curriculum(model, segmenter, new BackpropagationThroughTime(), stages,
            stage => new(Beginnings(reviews.Training, stage.Segments), Beginnings(reviews.Validation, stage.Segments)));
        foreach (var (stage, _, step, _) in curriculum.Run())
            yield return new(step.Update + (stage == 0 ? 0 : stages[0].Options.Updates), options.Updates, step.Loss, step.Evaluation?.Accuracy);
    }

    private TrainingDocument[] Beginnings(IReadOnlyList<TrainingDocument> documents, int segments)
    {
        var most = segments * segmenter.Layout.TokensPerSegment;
        return [.. documents.Select(document => document with { Tokens = document.Tokens[..Math.Min(most, document.Tokens.Length)] })];
    }

    public double Accuracy(IReadOnlyList<TrainingDocument> documents)
    {
        model.eval();
        using var casts = options.Bfloat16 ? Rmt.Torch.Autocast.Begin(model.Adapter.Device) : null;
        using var scheduler = new SegmentScheduler(model, segmenter, options.EvaluationDocuments);
        foreach (var document in documents) scheduler.Add(document.Tokens, document.Label);
        var right = 0;
        while (scheduler.Count > 0)
            right += scheduler.Step().Count(reading => reading.IsLast && reading.Logits.Index().MaxBy(logit => logit.Item).Index == (int)reading.Document.Tag!);
        return (double)right / documents.Count;
    }

    public void Dispose() => model.Dispose();
}
