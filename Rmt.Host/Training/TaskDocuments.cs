using Rmt.Adapter;
using Rmt.Host.Backgrounds;
using Rmt.Host.Input;

namespace Rmt.Host.Training;

/// <summary>The documents of a memory task, stage by stage: training's made as they are needed, validation's made once and kept.</summary>
internal sealed class TaskDocuments : IDocuments
{
    private const int Many = int.MaxValue;      // samples of a stage, of which it takes as many as it needs
    private const ulong Lengths = 0x6C656E67746873;      // sets the draws of lengths apart from those of samples

    private readonly ulong _seed;
    private readonly MemoryTask _training, _validation;
    private readonly Dictionary<(int Segments, int Count), LabelledDocument[]> _kept = [];

    /// <exception cref="InputException">The background or the table cannot be read.</exception>
    public TaskDocuments(TaskToLearn task, ITokenizer tokenizer, int tokensPerSegment)
    {
        _seed = unchecked((ulong)task.Seed);
        var background = task.Background is { } path ? new TextBackground(tokenizer, BackgroundTexts.Open(path).Read) : TextBackground.Generated(tokenizer);
        var tasks = new MemoryTasks(tokenizer, background, tokensPerSegment);
        var table = task.Table is { } file ? Table(file) : null;
        MemoryTask Of(TaskSplit split, FactPlacement placement) => task.Name switch
        {
            "memorize" => tasks.Memorize(split, _seed, task.WithholdPairs),
            "detect" => tasks.Detect(placement, split, _seed, task.WithholdPairs),
            _ when table is not null => tasks.Reason(table, placement, split, _seed),
            _ => tasks.Reason(placement, split, _seed),
        };
        (_training, _validation) = (Of(TaskSplit.Train, task.Training), Of(TaskSplit.Validation, task.Validation));
    }

    public StageDocuments Of(StageToTrain stage) => new(Training(stage.Stage.Segments, stage.Mix), Validation(stage.ValidationSegments, stage.Validation));

    private GeneratedDocuments Training(int segments, double mix) => new(Many, index =>
    {
        var dice = new SplitMix64(SplitMix64.Seed(_seed, Lengths, (ulong)index));
        var isMixed = dice.Next(1L << 32) < mix * (1L << 32);
        return Document(_training, index, isMixed ? 1 + (int)dice.Next(segments) : segments);
    });

    private LabelledDocument[] Validation(int segments, int count)
    {
        if (!_kept.TryGetValue((segments, count), out var made))
        {
            _kept.Clear();      // of an earlier stage
            _kept[(segments, count)] = made = new GeneratedDocuments(count, index => Document(_validation, index, segments)).Make(Enumerable.Range(0, count));
        }
        return made;
    }

    private static LabelledDocument Document(MemoryTask task, int index, int segments)
    {
        var sample = task.Sample(index, segments);
        return new(sample.Tokens, sample.Label);
    }

    private static IReadOnlyList<Problem> Table(string path)
    {
        try
        {
            using var text = new NamedText(path, () => new StrictTextReader(Inputs.Open(path), null));
            return TwoFactsTable.Read(text);
        }
        catch (InvalidDataException error)
        {
            throw new InputException($"{path}: {error.Message}");
        }
    }
}
