using Rmt.Adapter;
using Rmt.Host.Backgrounds;
using Rmt.Host.Input;
using Rmt.Loaders;

namespace Rmt.Host.Training;

/// <summary>The documents of a memory task, stage by stage: training's made as they are needed, validation's made once and kept.</summary>
internal sealed class TaskDocuments : IDocuments
{
    private const int Many = int.MaxValue;      // samples of a stage, of which it takes as many as it needs

    private readonly ulong _seed;
    private readonly string? _hash;
    private readonly Func<TaskSplit, FactPlacement, int?, MemoryTask> _task;
    private readonly Dictionary<(FactPlacement Placement, int Segments, int Count, int? Tellings), TrainingDocument[]> _kept = [];

    /// <exception cref="InputException">The background or the table cannot be read.</exception>
    public TaskDocuments(TaskToLearn task, ITokenizer tokenizer, int tokensPerSegment)
    {
        _seed = unchecked((ulong)task.Seed);
        var texts = task.Background is { } path ? BackgroundTexts.Open(path) : null;
        var background = texts?.In(tokenizer) ?? TextBackground.Generated(tokenizer);
        var tasks = new MemoryTasks(tokenizer, background, tokensPerSegment);
        var table = task.Table is { } file ? Table(file) : null;
        _hash = DocumentsHash.OfTask(texts, table);
        _task = (split, placement, tellings) => task.Name switch
        {
            "memorize" => tasks.Memorize(split, _seed, task.WithholdPairs),
            "detect" => tasks.Detect(placement, split, _seed, task.WithholdPairs),
            _ when table is not null => tasks.Reason(table, placement, split, _seed),
            _ when tellings is { } some => tasks.Reason(RelationFacts.Some(some, _seed), placement, split, _seed),
            _ => tasks.Reason(placement, split, _seed),
        };
    }

    public IReadOnlyList<StageToTrain> Stages(IReadOnlyList<StageToTrain> planned) => [.. planned.Select(stage => stage with { Stage = stage.Stage with { Fingerprint = _hash } })];

    public StageDocuments Of(StageToTrain stage) => new(Training(stage), Validation(stage));

    private GeneratedDocuments Training(StageToTrain stage)
    {
        var (task, lengths) = (_task(TaskSplit.Train, stage.Placement, stage.Tellings), new MixedLengths(_seed, stage));
        return new(Many, index => Document(task, index, lengths.Of(index)));
    }

    private TrainingDocument[] Validation(StageToTrain stage)
    {
        var key = (stage.ValidationPlacement, stage.ValidationSegments, stage.Validation, stage.Tellings);
        if (!_kept.TryGetValue(key, out var made))
        {
            _kept.Clear();      // of an earlier stage
            var task = _task(TaskSplit.Validation, stage.ValidationPlacement, stage.Tellings);
            _kept[key] = made = new GeneratedDocuments(stage.Validation, index => Document(task, index, stage.ValidationSegments)).Make(Enumerable.Range(0, stage.Validation));
        }
        return made;
    }

    private static TrainingDocument Document(MemoryTask task, int index, int segments)
    {
        var sample = task.Sample(index, segments);
        return new(sample.Tokens, sample.Label);
    }

    private static IReadOnlyList<Problem> Table(string path)
    {
        try
        {
            using var text = new NamedText(path, () => new StrictTextReader(Inputs.Open(path), remedy: "make it UTF-8"));
            return TwoFactsTable.Read(text);
        }
        catch (InvalidDataException error)
        {
            throw new InputException($"{path}: {error.Message}");
        }
    }
}
