using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Rmt.Adapter;
using Rmt.Host.Evaluation;
using Rmt.Host.Output;
using Rmt.Host.Reading;
using Rmt.Host.Training;
using TorchSharp;

namespace Rmt.Host.Commands;

/// <summary><c>rmt train</c>: options, a file of values and what a folder remembers, to a plan; then the plan is carried out.</summary>
internal sealed class TrainCommand(Terminal terminal, IModels models, CancellationToken cancellation)
{
    private const double DefaultEpochs = 3;

    private readonly CommonOptions _common = new();
    private readonly TrainOptions _options = new();

    public Command Create()
    {
        var command = new Verb("train", "Trains a classifier with memory, on labelled documents or on a task of the paper, or a language model, on texts: stage after stage of more segments.", """
            Example:
              rmt train --train-file train.jsonl --validation-file valid.jsonl --model bert-base-uncased --save models/reviews --every-segment
              rmt train --task memorize --model bert-base-cased --save models/memorize --stages 1..5
              rmt train --train-text books/ --validation-text held-out.txt --model gpt2 --window 256 --stages 1..4 --replay --save models/books
              rmt train --save models/memorize --resume

            A record an evaluation, and one at the end:
              {"stage","segments","attempt","update","train_loss","loss","accuracy","is_best","seconds"}
              {"saved","stages","updates","end","accuracy","loss","seconds"}
            stage counts from 1, attempt from 0 (a stage that collapses begins again), update within the attempt. loss and accuracy are those of
            the validation set (of a language model: of all tokens that follow another, and the lowest loss is the best), train_loss is the mean over the updates since the last evaluation. end: converged, budget or gave_up.

            --save DIR is a saved model, the best weights so far, after each stage and at the end. Beside it lie training.json (the options:
            a file for --values), training.state (what --resume needs), training.jsonl (a line an update, evaluation and end of a stage) and
            training.svg (their curves). Ctrl-C saves all of it.
            """);
        _options.AddTo(command);
        command.Add(_common.Output);
        command.SetAction(parsed => Run(parsed, command));
        return command;
    }

    private int Run(ParseResult parsed, Command command)
    {
        var plan = Plan(parsed, command);
        var progress = new TrainingProgress(terminal);
        using var notice = new CancellationNotice(progress.Interrupted, cancellation);
        using var folder = TrainingFolder.Open(plan);
        using var writer = _common.Writer(parsed, terminal, () => new JsonLinesWriter(terminal.Out), Table);
        using var start = models.LoadToTrain(plan.Model, plan.Lesson.Labels);
        var documents = plan.Lesson.Prepare(start);
        plan = plan with { Stages = documents.Stages(plan.Stages) };
        new TrainingRun(plan, documents, folder, start, terminal, progress, record =>
        {
            progress.Clear();
            writer.Write(record);
        }).Go(cancellation);
        return ExitCode.Ok;
    }

    private TrainingPlan Plan(ParseResult parsed, Command command)
    {
        var typed = _options.Typed(parsed);
        var save = parsed.GetValue(_options.Save) ?? throw new UsageException("--save DIR is needed: the folder of the trained model");
        var values = parsed.GetValue(_options.Values) is { } file ? TrainValues.Read(file, _options) : new(new Dictionary<string, string>(), []);
        var resume = parsed.GetValue(_options.Resume);
        if (resume)
            values = Remembered(save, values.Under(typed), typed, command);
        else
            values = values.Under(typed);
        var all = values.Parse(command);
        var lesson = Lesson(all, values);
        return new()
        {
            Save = save,
            Resume = resume,
            Model = Model(all, save),
            Lesson = lesson,
            Stages = lesson is FilesToLearn files ? [OfFiles(files, all, values)] : Stages(all, values, command),
            Backpropagation = Backpropagation(all),
            CheckpointEvery = all.GetValue(_options.CheckpointEvery),
            SaveType = all.GetValue(_options.SaveDtype) == "bfloat16" ? torch.bfloat16 : torch.float32,
            Values = Kept(values.Effective(command, _options), lesson, values),
        };
    }

    // What does nothing here is not written down as if it did.
    private static JsonObject Kept(JsonObject effective, ILesson lesson, TrainValues values)
    {
        var idle = TrainOptions.Idle(lesson).Select(entry => entry.Name);
        if (lesson is FilesToLearn && !values.General.ContainsKey("updates"))
            (idle, effective["epochs"]) = (idle.Append("updates"), effective["epochs"]?.DeepClone() ?? DefaultEpochs);
        foreach (var name in idle.ToList())
            _ = effective.Remove(name);
        return effective;
    }

    // A training goes on as it began: what else is said must be the same.
    private TrainValues Remembered(string save, TrainValues said, Dictionary<string, string> typed, Command command)
    {
        var path = Path.Combine(save, TrainingFolder.ValuesName);
        if (!File.Exists(path))
            throw new UsageException($"{save} holds no training that could go on ({TrainingFolder.ValuesName} is not there); begin one without --resume");
        var began = TrainValues.Read(path, _options);
        var now = began.Under(said.General);
        if (said.Stages.Count > 0)
            now = now with { Stages = said.Stages };
        var (before, after) = (began.Effective(command, _options), now.Effective(command, _options));
        foreach (var name in before.Select(entry => entry.Key).Union(after.Select(entry => entry.Key)).Except(TrainOptions.Free))
            if (!JsonNode.DeepEquals(before[name], after[name]))
                throw new UsageException($"the training in {save} has {name} {before[name]?.ToJsonString() ?? "unset"}, now it is {after[name]?.ToJsonString() ?? "unset"}: with --resume it goes on as it began; another one needs a folder of its own");
        return began.Under(typed);
    }

    private ModelToTrain Model(ParseResult all, string save)
    {
        var (name, shape, vocabulary) = (all.GetValue(_options.Model), all.GetValue(_options.New), all.GetValue(_options.Vocabulary));
        if ((name is null) == (shape is null))
            throw new UsageException("what to begin from is needed: either --model DIR|HUB-ID or --new LAYERSxHIDDENxHEADS");
        if ((shape is null) != (vocabulary is null))
            throw new UsageException("--new LAYERSxHIDDENxHEADS and --vocabulary vocab.txt go together");
        if (shape is not null && all.GetValue(_options.FreezeBackbone))
            throw new UsageException("--freeze-backbone would leave the random weights of --new as they are");
        if (name is not null && Directory.Exists(name) && Path.GetFullPath(name) == Path.GetFullPath(save))
            throw new UsageException("--save must be another folder than --model: what one begins from stays as it is");
        var device = all.GetRequiredValue(_options.Device);
        if (device == "cpu" && all.GetValue(_options.Dtype) == "bfloat16")
            throw new UsageException("--dtype bfloat16 is for --device cuda: on a CPU training is float32");
        var sizes = shape?.Split('x').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return new(name, sizes is null ? null : (sizes[0], sizes[1], sizes[2]), vocabulary, save, all.GetValue(_options.MemoryTokens), all.GetValue(_options.Window),
            all.GetValue(_options.Alignment) is { } alignment ? Enum.Parse<SegmentAlignment>(alignment, ignoreCase: true) : null, all.GetValue(_options.Dropout), all.GetValue(_options.Seed),
            device, all.GetValue(_options.Threads));
    }

    private ILesson Lesson(ParseResult all, TrainValues values)
    {
        var (task, file, text) = (all.GetValue(_options.Task), all.GetValue(_options.TrainFile), all.GetValue(_options.TrainText));
        if (new[] { task, file, text }.Count(said => said is not null) != 1)
            throw new UsageException($"what to learn is needed: either --task memorize, detect, reason or {FactsToRestate.Name}, or --train-file FILE, or --train-text PATH");
        ILesson lesson = file is not null ? Files(all, file) : text is not null ? Texts(all, text)
            : task == FactsToRestate.Name ? new FactsToRestate(all.GetValue(_options.Seed)) : Task(all, task!, values);
        foreach (var (name, lessons) in TrainOptions.Idle(lesson))
            if (values.General.ContainsKey(name) || values.Stages.Any(stage => stage.Values.ContainsKey(name)) || (name == "stages" && values.Stages.Count > 0))
                throw new UsageException($"--{name} is for {lessons}: here it would do nothing");
        return lesson;
    }

    private TextsToLearn Texts(ParseResult all, string text)
    {
        var validation = all.GetValue(_options.ValidationText) ?? throw new UsageException("--validation-text PATH is needed beside --train-text: texts to choose the best weights by");
        var encoding = all.GetValue(_options.Encoding);
        return new(new(text, encoding), new(validation, encoding), all.GetValue(_options.Seed));
    }

    private FilesToLearn Files(ParseResult all, string file)
    {
        var validation = all.GetValue(_options.ValidationFile) ?? throw new UsageException("--validation-file FILE is needed beside --train-file: documents to choose the best weights by");
        var (limit, side) = (all.GetValue(_options.MaxTokens), all.GetValue(_options.Truncate));
        if (side is not null && limit is null)
            throw new UsageException("--truncate does nothing without --max-tokens N");
        var truncation = limit is { } tokens ? new Truncation(tokens, side == "head_tail" ? TruncationSide.HeadTail : TruncationSide.Head) : null;
        return FilesToLearn.Open(file, validation, all.GetValue(_options.Encoding), truncation, all.GetValue(_options.Longest));
    }

    private StageToTrain OfFiles(FilesToLearn files, ParseResult all, TrainValues values)
    {
        if (values.General.ContainsKey("epochs") && values.General.ContainsKey("updates"))
            throw new UsageException("how long to train is said by --epochs or by --updates, not by both");
        var stage = Stage(1, all);
        var epochs = all.GetValue(_options.Epochs) ?? DefaultEpochs;
        var updates = values.General.ContainsKey("updates") ? stage.Stage.Options.Updates : (int)Math.Clamp(Math.Ceiling(epochs * files.Count / stage.Stage.Options.Documents), 1, int.MaxValue);
        return stage with { Stage = stage.Stage with { Options = stage.Stage.Options with { Updates = updates } } };
    }

    private TaskToLearn Task(ParseResult all, string name, TrainValues values)
    {
        var (withhold, table) = (all.GetValue(_options.WithholdPairs), all.GetValue(_options.FactsTable));
        if (name == "memorize" && values.Stages.Select(stage => stage.Values).Append(values.General).Any(said => said.ContainsKey("protocol") || said.ContainsKey("validation-protocol")))
            throw new UsageException("--protocol is for detect and reason: memorize has its fact in front");
        if (name == "reason" && withhold)
            throw new UsageException("--withhold-pairs is for memorize and detect: reason validates on other problems anyway");
        if (name != "reason" && table is not null)
            throw new UsageException("--facts-table is for --task reason");
        if ((name != "reason" || table is not null) && values.Stages.Select(stage => stage.Values).Append(values.General).Any(said => said.ContainsKey("tellings")))
            throw new UsageException("--tellings is for --task reason without --facts-table");
        return new(name, all.GetValue(_options.Background), withhold, table, all.GetValue(_options.Seed));
    }

    private IBackpropagation Backpropagation(ParseResult all) => (all.GetValue(_options.Replay), all.GetValue(_options.Depth)) switch
    {
        (true, not null) => throw new UsageException("--replay goes through all segments: it cannot have a --depth"),
        (true, null) => new MemoryReplay(),
        (false, var depth) => new BackpropagationThroughTime(depth),
    };

    private List<StageToTrain> Stages(ParseResult all, TrainValues values, Command command)
    {
        if (values.Stages.Count > 0)
            return [.. values.Stages.Select(stage => Stage(stage.Segments, values.Parse(command, stage.Values)))];
        return TrainOptions.TryStages(all.GetRequiredValue(_options.Stages), out var segments) ? [.. segments.Select(count => Stage(count, all))] : [];
    }

    private StageToTrain Stage(int segments, ParseResult all)
    {
        var (norm, value) = (all.GetValue(_options.ClipNorm), all.GetValue(_options.ClipValue));
        if (norm is not null && value is not null)
            throw new UsageException("gradients are clipped by --clip-norm or by --clip-value, not by both");
        var rate = all.GetValue(_options.Rate);
        var options = new TrainingOptions
        {
            Seed = all.GetValue(_options.Seed),
            Updates = all.GetValue(_options.Updates),
            Warmup = all.GetValue(_options.Warmup),
            Documents = all.GetValue(_options.Documents),
            DocumentsPerPart = all.GetValue(_options.PartDocuments),
            BackboneRate = rate,
            MemoryRate = all.GetValue(_options.MemoryRate) ?? rate,
            HeadRate = all.GetValue(_options.HeadRate) ?? rate,
            WeightDecay = all.GetValue(_options.WeightDecay),
            FreezeBackbone = all.GetValue(_options.FreezeBackbone),
            EverySegment = all.GetValue(_options.EverySegment),
            ClipNorm = norm ?? (value is null ? 1 : null),
            ClipValue = value,
            Bfloat16 = all.GetValue(_options.Dtype) == "bfloat16",
            Recompute = all.GetValue(_options.Recompute),
            EvaluateEvery = all.GetValue(_options.EvaluateEvery),
            EvaluationDocuments = Math.Max(32, all.GetValue(_options.PartDocuments)),
            Patience = all.GetValue(_options.Patience) ?? int.MaxValue,
            TargetAccuracy = all.GetValue(_options.TargetAccuracy),
        };
        var length = all.GetValue(_options.ValidationSegments) ?? segments;
        var protocol = all.GetValue(_options.Protocol) ?? Protocols.Random;
        return new(new(segments, options) { Restarts = all.GetValue(_options.Restarts) }, all.GetValue(_options.Mix), all.GetValue(_options.Validation), length,
            Protocols.Placement(protocol), Protocols.Placement(all.GetValue(_options.ValidationProtocol) ?? protocol), all.GetValue(_options.Tellings));
    }

    private TableWriter Table() => new(terminal, ["stage", "segments", "attempt", "update", "train loss", "loss", "accuracy", "best", "seconds"], record => record switch
    {
        EvaluationRecord made => [Number(made.Stage, "D"), Number(made.Segments, "D"), Number(made.Attempt, "D"), Number(made.Update, "D"), Number(made.TrainLoss, "F4"),
            Number(made.Loss, "F4"), Number(made.Accuracy, "F4"), made.IsBest ? "yes" : "", Number(made.Seconds, "F0")],
        TrainedRecord made => [$"saved {made.Saved}", "", "", Number(made.Updates, "D"), "", Number(made.Loss, "F4"), Number(made.Accuracy, "F4"), "", Number(made.Seconds, "F0")],
        _ => [],
    });

    private static string Number<T>(T value, string format) where T : IFormattable => value.ToString(format, CultureInfo.InvariantCulture);
}
