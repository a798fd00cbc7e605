using Rmt.Testing;

namespace Rmt.Adapter.Tests.Training;

/// <summary>Something small to learn: the first segment begins with ten times the same word, which names the label; the rest is noise.</summary>
internal sealed class Lesson(int seed, int count, int segments) : IReadOnlyList<TrainingDocument>
{
    private const int TokensPerSegment = 17;

    /// <summary>The indices that were asked for, in order.</summary>
    public List<int> Asked { get; } = [];

    public int Count => count;

    public TrainingDocument this[int index]
    {
        get
        {
            Asked.Add(index);
            var dice = new Random(seed * 10_007 + index);
            var tokens = Enumerable.Range(0, TokensPerSegment * segments - dice.Next(5)).Select(_ => dice.Next(10, Tiny.Vocabulary)).ToArray();
            var label = dice.Next(3);
            tokens.AsSpan(0, 10).Fill(3 + label);
            return new(tokens, label);
        }
    }

    public IEnumerator<TrainingDocument> GetEnumerator() => Enumerable.Range(0, count).Select(i => this[i]).GetEnumerator();

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Options under which a tiny model learns it within seconds.</summary>
    public static TrainingOptions Options { get; } = new()
    {
        Updates = 12, Documents = 8, DocumentsPerPart = 3, BackboneRate = 3e-3, MemoryRate = 3e-3, HeadRate = 3e-3, EvaluateEvery = 4, ClipValue = null, ClipNorm = 1,
    };

    public static Trainer Trainer(RecurrentClassifier model, TrainingOptions? options = null, int segments = 2, IBackpropagation? backpropagation = null) =>
        new(model, new Segmenter(model.Adapter.Layout), backpropagation ?? new MemoryReplay(), options ?? Options, new Lesson(1, 20, segments), new Lesson(2, 12, segments));
}
