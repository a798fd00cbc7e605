using Rmt.Adapter;
using Rmt.Testing;

namespace Rmt.Service.Tests.Doubles;

/// <summary>Small random BERTs of 17 tokens a segment, by name; another name is another model.</summary>
internal sealed class TinyModels(params string[] names) : IModelSource
{
    public IReadOnlyList<string> Names { get; } = names is [] ? [Stores.Model] : names;

    public int BatchSize { get; init; } = 8;

    private readonly TaskCompletionSource _asked = new(), _released = new();

    /// <summary>Ends when the first one is to be loaded.</summary>
    public Task Asked => _asked.Task;

    /// <summary>Whether loading takes until <see cref="Release"/>.</summary>
    public bool IsHeld { get; init; }

    public void Release() => _released.TrySetResult();

    /// <summary>Those that were loaded.</summary>
    public List<DocumentClassifier> Loaded { get; } = [];

    public LoadedModel Load(string name)
    {
        _ = _asked.TrySetResult();
        if (IsHeld)
            _released.Task.GetAwaiter().GetResult();
        Loaded.Add(Classifier(name));
        return new(name, $"hash-of-{name}", Loaded[^1], everySegment: false, BatchSize);
    }

    /// <summary>From now on no step of any model succeeds, as on a device that is gone.</summary>
    public void Break()
    {
        foreach (var parameter in Loaded.SelectMany(classifier => classifier.Model.parameters()))
            parameter.Dispose();
    }

    /// <summary>The classifier behind a name.</summary>
    public static DocumentClassifier Classifier(string name = Stores.Model, SegmentAlignment alignment = SegmentAlignment.Right) =>
        new(new LetterTokenizer(), new Segmenter(Tiny.Layout(), alignment), Tiny.Classifier(seed: name.Sum(letter => letter)), new(["a", "b", "c"]));

    /// <summary>A text of so many words.</summary>
    public static string Text(Random dice, int words) =>
        string.Join(' ', Enumerable.Range(0, words).Select(_ => new string((char)('a' + dice.Next(26)), dice.Next(1, 9))));
}
