using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>Training by stages of more and more segments: each begins with the best weights of the one before and a new optimizer.</summary>
/// <remarks>
/// A model that never saw two segments does not learn seven at once: there is too little to follow back through an untrained memory. A stage
/// that collapses begins again at lower rates, from its best weights where these were good, else from those it began with. Belongs to one thread.
/// </remarks>
public sealed partial class Curriculum : IDisposable
{
    private const string Opening = "rmt curriculum, version 1";

    private readonly RecurrentModel model;
    private readonly Segmenter segmenter;
    private readonly IBackpropagation backpropagation;
    private readonly Func<CurriculumStage, StageDocuments> documents;
    private readonly KeptWeights begin;             // of the stage
    private Trainer? trainer;                       // of the attempt; null between attempts
    private Collapse? collapse;
    private double? reached;                        // what the weights that the attempt begins with reached in the one before

    /// <param name="model">Its weights are changed; not disposed here. Move it before, not after.</param>
    /// <param name="segmenter">How documents are cut.</param>
    /// <param name="backpropagation">How gradients come back through the segments.</param>
    /// <param name="stages">One or more, in their order.</param>
    /// <param name="documents">The documents of a stage; asked once an attempt, and must answer the same each time.</param>
    /// <exception cref="ArgumentException">There is no stage, or a number is out of its range.</exception>
    public Curriculum(RecurrentModel model, Segmenter segmenter, IBackpropagation backpropagation, IReadOnlyList<CurriculumStage> stages,
        Func<CurriculumStage, StageDocuments> documents)
    {
        if (stages.Count == 0) throw new ArgumentException("a curriculum has one stage or more", nameof(stages));
        foreach (var stage in stages) stage.Check();
        (this.model, this.segmenter, this.backpropagation, Stages, this.documents) = (model, segmenter, backpropagation, stages, documents);
        begin = new([.. model.parameters()]);
    }

    /// <summary>In their order.</summary>
    public IReadOnlyList<CurriculumStage> Stages { get; }

    /// <summary>Where it stands, from 0.</summary>
    public int Stage { get; private set; }

    /// <summary>How often the stage began again.</summary>
    public int Attempt { get; private set; }

    /// <summary>Updates made in this attempt.</summary>
    public long Update => trainer?.Update ?? 0;

    /// <summary>Whether all stages are done, or one was given up. The model then has the best weights of the last.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Makes the updates that are left, one each time the next is asked for. May be left, and entered again, between any two.</summary>
    /// <exception cref="TrainingDivergedException">A loss or a gradient is no number.</exception>
    public IEnumerable<CurriculumStep> Run()
    {
        while (!IsOver) yield return Next();
    }

    private CurriculumStep Next()
    {
        var (stage, attempt) = (Stage, Attempt);
        var training = Begun();
        var step = training.Run().First();
        var end = Ended(training, step);
        if (end is not null) Leave(training, end.Value);
        return new(stage, attempt, step, end);
    }

    private Trainer Begun()
    {
        if (trainer is not null) return trainer;
        var stage = Stages[Stage];
        var (training, validation) = documents(stage);
        collapse = Collapse.Of(validation);
        trainer = new(model, segmenter, backpropagation, stage.Attempt(Stage, Attempt), training, validation);
        if (reached is { } accuracy) trainer.BeginWith(accuracy);
        return trainer;
    }

    private StageEnd? Ended(Trainer training, TrainingStep step)
    {
        if (step.End == TrainingEnd.Target) return StageEnd.Converged;
        if (Stages[Stage].Restarts is { } restarts && step.Evaluation is { } evaluation
            && collapse!.Has(evaluation.Accuracy, training.BestAccuracy!.Value, step.Update, training.Options.Updates))
            return Attempt < restarts ? StageEnd.Collapsed : StageEnd.GaveUp;
        return step.End is null ? null : StageEnd.Budget;
    }

    private void Leave(Trainer training, StageEnd end)
    {
        var isKept = end != StageEnd.Collapsed || collapse!.IsHigh(training.BestAccuracy);
        if (isKept) training.UseBest();
        else begin.Restore();
        reached = isKept && end == StageEnd.Collapsed ? training.BestAccuracy : null;
        training.Dispose();
        trainer = null;
        if (end == StageEnd.Collapsed)
        {
            Attempt++;
            return;
        }
        begin.Keep();
        IsOver = end == StageEnd.GaveUp || Stage == Stages.Count - 1;
        if (!IsOver) (Stage, Attempt) = (Stage + 1, 0);
    }

    /// <summary>Gives the model the best weights of the attempt, or those the stage began with where there was no evaluation.</summary>
    public void UseBest() => trainer?.UseBest();

    /// <summary>Writes everything that <see cref="Load"/> needs to go on within a stage as if nothing had stopped; the backbone too, frozen or not.</summary>
    /// <param name="stream">Stays open.</param>
    public void Save(Stream stream)
    {
        using var scope = NewDisposeScope();
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Encoding.ASCII.GetBytes(Opening));
        writer.Write(JsonSerializer.Serialize(Stages));
        writer.Write(Stage);
        writer.Write(Attempt);
        writer.Write(IsOver);
        foreach (var value in begin.Values) value.Save(writer);
        writer.Flush();
        if (!IsOver) Begun().Save(stream);
    }

    /// <summary>Puts back what <see cref="Save"/> wrote, into a curriculum of the same stages that has not begun.</summary>
    /// <param name="stream">Stays open.</param>
    /// <exception cref="InvalidDataException">This is no saved curriculum, one of other stages (nothing is changed then), or a part of one (the
    /// curriculum and its model are of no use then).</exception>
    /// <exception cref="InvalidOperationException">This one has begun.</exception>
    public void Load(Stream stream)
    {
        if (trainer is not null || Stage > 0 || Attempt > 0 || IsOver) throw new InvalidOperationException("this curriculum has begun: load into a new one");
        using var scope = NewDisposeScope();
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        try
        {
            if (Encoding.ASCII.GetString(reader.ReadBytes(Opening.Length)) != Opening) throw new InvalidDataException("this is no saved curriculum");
            Expect(JsonSerializer.Serialize(Stages), reader.ReadString());
            (Stage, Attempt, IsOver) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadBoolean());
            foreach (var value in begin.Values) value.Load(reader);
        }
        catch (Exception cause) when (cause is EndOfStreamException or FormatException or ArgumentException or OverflowException)
        {
            throw new InvalidDataException($"this is no saved curriculum, or a part of one: {cause.Message}", cause);
        }
        begin.Restore();
        if (!IsOver) Begun().Load(stream);
    }

    private static void Expect(string expected, string found)
    {
        if (found != expected && AnyFingerprint().Replace(found, "") == AnyFingerprint().Replace(expected, ""))
            throw new InvalidDataException("what the saved training learns from has changed since it began: expected are documents as they were; put those back, or begin another training");
        Trainer.Expect("the stages", expected, found);
    }

    // Of a stage without one nothing is left out: it differs from one that has it.
    [GeneratedRegex("(?<=\"Fingerprint\":\")[^\"]*")]
    private static partial Regex AnyFingerprint();

    /// <summary>Frees the optimizer's state and the kept weights. The model stays.</summary>
    public void Dispose()
    {
        trainer?.Dispose();
        begin.Dispose();
    }
}
