using Rmt.Adapter;
using Rmt.Host.Output;

namespace Rmt.Host.Training;

/// <summary>Made-up documents whose later segments tell again what the first one says: made as they are needed, for a language model.</summary>
/// <param name="Seed">Which documents.</param>
internal sealed record FactsToRestate(long Seed) : ILesson
{
    public const string Name = "restate";

    private const int Many = int.MaxValue;      // documents of a stage, of which it takes as many as it needs

    public LabelSet? Labels => null;

    public IDocuments Prepare(TrainingStart start) => new Documents((ulong)Seed, split => Make(start.Tokenizer, start.Segmenter, split, (ulong)Seed));

    /// <summary>The documents of a vocabulary.</summary>
    /// <exception cref="Input.InputException">They cannot be told in it.</exception>
    public static RestatedFacts Make(ITokenizer tokenizer, Segmenter segmenter, TaskSplit split, ulong seed)
    {
        try
        {
            return new(tokenizer, segmenter.Layout.TokensPerSegment, split, seed);
        }
        catch (ArgumentException error)
        {
            throw new Input.InputException($"--task {Name}: {error.InWords()}");
        }
    }

    private sealed class Documents(ulong seed, Func<TaskSplit, RestatedFacts> make) : IDocuments
    {
        private readonly RestatedFacts training = make(TaskSplit.Train), validation = make(TaskSplit.Validation);

        public StageDocuments Of(StageToTrain stage)
        {
            var lengths = new MixedLengths(seed, stage);
            return new(new GeneratedDocuments(Many, index => new(training.Document(index, lengths.Of(index)))),
                new GeneratedDocuments(stage.Validation, index => new(validation.Document(index, stage.ValidationSegments))).Make(Enumerable.Range(0, stage.Validation)));
        }
    }
}
