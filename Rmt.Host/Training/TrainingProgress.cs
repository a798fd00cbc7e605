using System.Globalization;
using Rmt.Adapter;
using Rmt.Host.Reading;

namespace Rmt.Host.Training;

/// <summary>Where a training stands, told on stderr.</summary>
internal sealed class TrainingProgress
{
    private readonly ProgressLine _line;
    private IReadOnlyList<StageToTrain> _stages = [];
    private string _now = "nothing is done yet";
    private double? _loss, _accuracy;
    private double _seconds;
    private long _work, _tokens;        // work: segments of all documents, of updates made in _seconds

    public TrainingProgress(Terminal terminal) => _line = new(terminal, () => _now, "saving after the update in progress");

    /// <summary>Where it begins, which is further on where a training is resumed.</summary>
    public void Begin(IReadOnlyList<StageToTrain> stages, int stage, long update) =>
        (_stages, _now) = (stages, string.Create(CultureInfo.InvariantCulture, $"stage {stage + 1} of {stages.Count}, update {update}"));

    public void Show(CurriculumStep made, double taken)
    {
        var (step, stage) = (made.Step, _stages[made.Stage].Stage);
        (_seconds, _tokens, _work) = (_seconds + taken, _tokens + step.Tokens, _work + (long)stage.Options.Documents * stage.Segments);
        (_loss, _accuracy) = (step.Loss, step.Evaluation?.Accuracy ?? _accuracy);
        var rest = _stages.Skip(made.Stage + 1).Sum(next => Work(next.Stage, next.Stage.Options.Updates))
            + (made.End is StageEnd.Converged or StageEnd.Budget or StageEnd.GaveUp ? 0 : Work(stage, stage.Options.Updates - step.Update));
        _now = string.Create(CultureInfo.InvariantCulture,
            $"stage {made.Stage + 1} of {_stages.Count} ({stage.Segments} segments), update {step.Update} of {stage.Options.Updates}: loss {_loss:F4}, accuracy {_accuracy?.ToString("F4", CultureInfo.InvariantCulture) ?? "not known yet"}, {_tokens / Math.Max(_seconds, 1e-9):N0} tokens/s, {Left(rest * _seconds / Math.Max(1, _work))} left");
        _line.Show();
    }

    public void Clear() => _line.Clear();

    /// <summary>The answer to Ctrl-C.</summary>
    public void Interrupted() => _line.Interrupted();

    private static double Work(CurriculumStage stage, long updates) => (double)updates * stage.Options.Documents * stage.Segments;

    private static string Left(double seconds) => seconds switch
    {
        < 90 => FormattableString.Invariant($"{seconds:F0} s"),
        < 5400 => FormattableString.Invariant($"{seconds / 60:F0} min"),
        _ => FormattableString.Invariant($"{seconds / 3600:F1} h"),
    };
}
