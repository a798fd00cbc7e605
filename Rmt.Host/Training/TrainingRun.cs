using System.Text.Json;
using Rmt.Adapter;
using Rmt.Host.Output;
using Rmt.Loaders;
using Rmt.Torch;
using TorchSharp;

namespace Rmt.Host.Training;

/// <summary>Carries a plan out: updates to the log, evaluations to stdout, checkpoints and models to the folder.</summary>
internal sealed class TrainingRun(TrainingPlan plan, IDocuments documents, TrainingFolder folder, TrainingStart start, Terminal terminal, TrainingProgress progress, Action<IRecord> tell)
{
    private readonly List<LogLine> _lines = [];
    private readonly List<double> _losses = [];     // since the last evaluation
    private double _seconds;                        // of training before, and so far

    /// <exception cref="OperationCanceledException">After everything is saved.</exception>
    /// <exception cref="LoadException">The checkpoint is of another training, or the log is not the one that it follows.</exception>
    public void Go(CancellationToken cancellation)
    {
        using var curriculum = new Curriculum(start.Model, start.Segmenter, plan.Backpropagation, [.. plan.Stages.Select(stage => stage.Stage)],
            stage => documents.Of(plan.Stages.First(planned => ReferenceEquals(planned.Stage, stage))));
        GoOn(curriculum);
        try
        {
            Update(curriculum, cancellation);
        }
        catch (TrainingDivergedException diverged)
        {
            SaveAll(curriculum);
            curriculum.UseBest();
            SaveModel();
            throw new TrainingDivergedException(diverged.Update, $"stage {curriculum.Stage + 1}, {diverged.Message}. The best weights are saved in {plan.Save}, the last ones in its {TrainingFolder.StateName}");
        }
        catch (IOException error) when (!Terminal.IsBrokenPipe(error))
        {
            throw new IOException($"{plan.Save} cannot be written to: {error.Message}. What was saved before is whole: make room, then go on with: rmt train --save {plan.Save} --resume", error);
        }
        var last = _lines.LastOrDefault(line => line.Event == "stage")
            ?? throw new LoadException(folder.Log.Path, $"does not say how the training ended, and it is over: the log was changed or taken away. The model in {plan.Save} is whole.");
        tell(new TrainedRecord(plan.Save, last.Stage, _lines.Count(line => line.Event == "update"), last.End!, last.Accuracy ?? 0, last.Loss ?? 0, Math.Round(_seconds, 3)));
    }

    private void GoOn(Curriculum curriculum)
    {
        if (plan.Resume)
            folder.Load(curriculum);
        _lines.AddRange(folder.Log.Cut(curriculum.Stage + 1, curriculum.Attempt, curriculum.Update == 0 && curriculum.IsOver ? long.MaxValue : curriculum.Update));
        _seconds = _lines is [.., var last] ? last.Seconds : 0;
        _losses.AddRange(_lines.AsEnumerable().Reverse().TakeWhile(line => line.Event == "update").Reverse().Select(line => line.Loss ?? 0));
        if (start.Model.Adapter.Device is { type: DeviceType.CUDA } device && FusedTraining.Missing(device) is { } reason)
            terminal.Error.WriteLine($"rmt: layers learn without kernels of our own, slower: {reason}");
        progress.Begin(plan.Stages, curriculum.Stage, curriculum.Update);
        if (curriculum.IsOver)
            terminal.Error.WriteLine($"rmt: the training in {plan.Save} is finished, and nothing is trained again");
        else if (plan.Resume)
            terminal.Error.WriteLine(FormattableString.Invariant($"rmt: going on in stage {curriculum.Stage + 1} of {plan.Stages.Count}, after update {curriculum.Update}"));
    }

    private void Update(Curriculum curriculum, CancellationToken cancellation)
    {
        var begun = terminal.Clock.GetTimestamp();
        foreach (var step in curriculum.Run())
        {
            var taken = terminal.Clock.GetElapsedTime(begun).TotalSeconds;
            _seconds += taken;
            Note(step, taken);
            if (step.End is not null)
                SaveModel();
            if (step.End is not null || step.Step.Update % plan.CheckpointEvery == 0)
                SaveAll(curriculum);
            progress.Show(step, taken);
            if (cancellation.IsCancellationRequested && !curriculum.IsOver)
            {
                SaveAll(curriculum);
                progress.Clear();
                terminal.Error.WriteLine($"rmt: saved; go on with: rmt train --save {plan.Save} --resume");
                throw new OperationCanceledException(cancellation);
            }
            begun = terminal.Clock.GetTimestamp();
        }
    }

    private void Note(CurriculumStep made, double taken)
    {
        var (step, stage) = (made.Step, plan.Stages[made.Stage].Stage);
        LogLine Line(string name) => new(name, made.Stage + 1, stage.Segments, made.Attempt, step.Update) { Seconds = Math.Round(_seconds, 3) };
        _losses.Add(step.Loss);
        Write(Line("update") with
        {
            Loss = step.Loss,
            GradientNorm = step.GradientNorm,
            Rate = stage.Options.BackboneRate * Math.Pow(stage.RestartRate, made.Attempt) * step.RateFactor,
            TokensPerSecond = Math.Round(step.Tokens / Math.Max(taken, 1e-9)),
        });
        if (step.Evaluation is { } evaluation)
        {
            Write(Line("evaluation") with { Loss = evaluation.Loss, Accuracy = evaluation.Accuracy, IsBest = evaluation.IsBest });
            tell(new EvaluationRecord(made.Stage + 1, stage.Segments, made.Attempt, step.Update, _losses.Average(), evaluation.Loss, evaluation.Accuracy, evaluation.IsBest, Math.Round(_seconds, 3)));
            _losses.Clear();
        }
        if (made.End is { } end)
        {
            var evaluations = _lines.Where(line => line.Event == "evaluation" && line.Stage == made.Stage + 1 && line.Attempt == made.Attempt).ToList();
            var best = evaluations.LastOrDefault(line => line.IsBest == true) ?? evaluations.MaxBy(line => line.Accuracy);      // none is, where an earlier attempt's was
            Write(Line("stage") with { Loss = best?.Loss, Accuracy = best?.Accuracy, End = JsonNamingPolicy.SnakeCaseLower.ConvertName(end.ToString()) });
        }
    }

    private void Write(LogLine line)
    {
        folder.Log.Write(line);
        _lines.Add(line);
    }

    private void SaveAll(Curriculum curriculum)
    {
        folder.Save(curriculum);
        new TrainingChart(_lines).Write(folder.Chart);
    }

    private void SaveModel() => folder.Save(start, plan.Stages[0].Stage.Options.EverySegment, plan.Stages[0].Stage.Options.FreezeBackbone, plan.SaveType);
}
