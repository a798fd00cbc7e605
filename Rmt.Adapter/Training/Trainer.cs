using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>Training as a loop that can be watched: every update is yielded as it is made.</summary>
/// <remarks>
/// What an update does depends on the weights, the optimizer's state, the options and the update's number alone, so a training that is saved
/// and resumed goes on as if it had never stopped. Belongs to one thread.
/// </remarks>
public sealed partial class Trainer : IDisposable
{
    private readonly RecurrentModel model;
    private readonly Segmenter segmenter;
    private readonly IBackpropagation backpropagation;
    private readonly IReadOnlyList<TrainingDocument> training, validation;
    private readonly IReadOnlyList<(string Name, Parameter Parameter)> trained;
    private readonly IReadOnlyList<Parameter> frozen;
    private readonly AdamW optimizer;
    private readonly double[] rates;                // of the optimizer's groups
    private readonly DocumentsAhead documentsAhead;
    private readonly KeptWeights best;
    private readonly bool recomputes;               // whether the backbone does so because of this training
    private int worse;                              // evaluations since the best one

    /// <summary>The optimizer is made here: move the model before, not after.</summary>
    /// <param name="model">Its weights are changed; not disposed here.</param>
    /// <param name="segmenter">How documents are cut.</param>
    /// <param name="backpropagation">How gradients come back through the segments.</param>
    /// <param name="options">Every number.</param>
    /// <param name="training">One document or more; asked for by index, so it may generate them.</param>
    /// <param name="validation">Documents for evaluations; may be empty where none are asked for.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or there are no documents.</exception>
    public Trainer(RecurrentModel model, Segmenter segmenter, IBackpropagation backpropagation, TrainingOptions options,
        IReadOnlyList<TrainingDocument> training, IReadOnlyList<TrainingDocument> validation)
    {
        options.Check();
        if (training.Count == 0) throw new ArgumentException("there is no document to train on", nameof(training));
        if (validation.Count == 0 && options.EvaluateEvery > 0)
            throw new ArgumentException($"there is no document to evaluate on; without evaluations, set {nameof(options.EvaluateEvery)} to 0", nameof(validation));
        if (options.Bfloat16 && model.Adapter.Device.type != DeviceType.CUDA)
            throw new ArgumentException($"{nameof(options.Bfloat16)} is for CUDA devices, the model is on {model.Adapter.Device}", nameof(options));
        (this.model, this.segmenter, this.backpropagation, Options) = (model, segmenter, backpropagation, options);
        (this.training, this.validation) = (training, validation);
        if (options.Recompute && !model.Adapter.Backbone.Recomputes) recomputes = model.Adapter.Backbone.Recomputes = true;
        frozen = options.FreezeBackbone ? [.. ParameterGroups.OfBackbone(model).Where(parameter => parameter.requires_grad)] : [];
        foreach (var parameter in frozen) parameter.requires_grad = false;
        trained = ParameterGroups.Trained(model);
        optimizer = ParameterGroups.Optimizer(trained, options);
        rates = [.. optimizer.ParamGroups.Select(group => group.LearningRate)];
        documentsAhead = new(training, options, model);
        best = new([.. trained.Select(entry => entry.Parameter)]);
    }

    /// <summary>Every number.</summary>
    public TrainingOptions Options { get; }

    /// <summary>Updates made.</summary>
    public long Update { get; private set; }

    /// <summary>The accuracy of the best evaluation: of a classifier the highest, of a language model that of the lowest loss; null before the first.</summary>
    public double? BestAccuracy { get; private set; }

    /// <summary>The mean cross-entropy of the best evaluation; null before the first.</summary>
    public double? BestLoss { get; private set; }

    /// <summary>Updates made when they were measured; 0 before the first evaluation, when the kept weights are those from the beginning.</summary>
    public long BestUpdate { get; private set; }

    /// <summary>Why training is over; null while it is not.</summary>
    public TrainingEnd? End { get; private set; }

    /// <summary>Makes the updates that are left, one each time the next is asked for. May be left, and entered again, between any two.</summary>
    /// <exception cref="TrainingDivergedException">A loss or a gradient is no number; the weights are as they were before that update.</exception>
    /// <exception cref="ArgumentException">A label is none of the head's.</exception>
    public IEnumerable<TrainingStep> Run()
    {
        while (End is null) yield return Next();
    }

    /// <summary>Reads the validation documents with the weights as they are now.</summary>
    /// <returns>Share of right answers from 0 to 1, and mean cross-entropy; of a language model both are of all tokens that another follows.</returns>
    public (double Accuracy, double Loss) Evaluate() => model.Evaluate(validation, segmenter, Options.EvaluationDocuments, Autocast);

    /// <summary>What the weights it begins with are worth, where that is known: only a better evaluation is the best then.</summary>
    internal void BeginWith(double accuracy) => BestAccuracy = accuracy;

    /// <summary>Gives the model the weights of the best evaluation; those from the beginning where there was none.</summary>
    public void UseBest() => best.Restore();

    private ScalarType? Autocast => Options.Bfloat16 ? ScalarType.BFloat16 : null;

    private TrainingStep Next()
    {
        using var scope = NewDisposeScope();
        model.train();
        model.zero_grad();
        var (total, segments, tokens) = Gradients();
        var (loss, norm) = Clip(total);
        var factor = Options.RateFactor(Update);
        foreach (var (group, rate) in optimizer.ParamGroups.Zip(rates)) group.LearningRate = rate * factor;
        _ = optimizer.step();
        model.zero_grad();
        Update++;
        var evaluation = IsEvaluated ? Judge() : null;
        End = Ended(evaluation);
        return new(Update, loss, norm, factor, segments, tokens, evaluation, End);
    }

    // The loss, one number that the device is not asked for yet.
    private (Tensor Loss, int Segments, long Tokens) Gradients()
    {
        var documents = documentsAhead.Of(Update);
        using var scope = NewDisposeScope();
        var losses = new List<Tensor>();
        var begun = Begun(documents);
        var answers = model.Answers(documents);
        foreach (var (part, chosen) in documents.Chunk(Options.DocumentsPerPart).Index())
        {
            using var inner = NewDisposeScope();
            var batch = segmenter.Batch([.. chosen.Select(document => document.Tokens)], model.Adapter.Device);
            var weight = (double)model.Answers(chosen) / Math.Max(1, answers);
            var loss = backpropagation.Backward(model, model.Part(batch, chosen) with
            {
                EverySegment = Options.EverySegment,
                Begun = begun,
                Weight = weight,
                Seeds = new(Options.Seed, Update, part),
                Autocast = Autocast,
            });
            losses.Add((loss * weight).MoveToOuterDisposeScope());
        }
        return (stack(losses).sum().MoveToOuterDisposeScope(), begun.Length, documents.Sum(document => (long)document.Tokens.Length));
    }

    // How many documents have begun at each step, from the last step back.
    private int[] Begun(TrainingDocument[] documents)
    {
        var segments = documents.Select(document => segmenter.Split(document.Tokens.Length).Count).ToArray();
        return [.. Enumerable.Range(1, segments.Max()).Select(steps => segments.Count(count => count >= steps))];
    }

    // The device is waited for once an update, for the norm and the loss, when all of its gradients are on their way.
    private (double Loss, double Norm) Clip(Tensor total)
    {
        var parameters = trained.Select(entry => entry.Parameter).ToArray();
        var norm = nn.utils.clip_grad_norm_(parameters, Options.ClipNorm ?? double.PositiveInfinity);
        var loss = total.ToDouble();
        if (!double.IsFinite(loss)) throw Diverged($"the loss of its documents is {loss}");
        if (!double.IsFinite(norm)) throw Diverged($"the norm of its gradients is {norm}");
        if (Options.ClipValue is { } value) nn.utils.clip_grad_value_(parameters, value);
        return (loss, norm);
    }

    private TrainingDivergedException Diverged(string where)
    {
        model.zero_grad();
        return new(Update, FormattableString.Invariant(
            $"update {Update + 1}: {where}; the weights are those after update {Update}. Train with lower rates, more warm-up or stronger clipping"));
    }

    private bool IsEvaluated => Options.EvaluateEvery > 0 && (Update % Options.EvaluateEvery == 0 || Update == Options.Updates);

    private Evaluation Judge()
    {
        var (accuracy, loss) = Evaluate();
        var isBest = model.IsJudgedByLoss ? !(loss >= BestLoss) : !(accuracy <= BestAccuracy);
        worse = isBest ? 0 : worse + 1;
        if (!isBest) return new(accuracy, loss, false);
        best.Keep();
        (BestAccuracy, BestLoss, BestUpdate) = (accuracy, loss, Update);
        return new(accuracy, loss, true);
    }

    private TrainingEnd? Ended(Evaluation? evaluation) =>
        evaluation?.Accuracy >= Options.TargetAccuracy ? TrainingEnd.Target
        : Update == Options.Updates ? TrainingEnd.Updates
        : worse >= Options.Patience ? TrainingEnd.Patience
        : null;

    /// <summary>Frees the optimizer's state and the kept weights, lets a frozen backbone be trained again and keep the inside of its layers. The model stays.</summary>
    public void Dispose()
    {
        documentsAhead.Dispose();
        optimizer.Dispose();
        best.Dispose();
        foreach (var parameter in frozen) parameter.requires_grad = true;
        if (recomputes) model.Adapter.Backbone.Recomputes = false;
    }
}
