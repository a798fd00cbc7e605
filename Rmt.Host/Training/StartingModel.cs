using Rmt.Adapter;
using Rmt.Bert;
using Rmt.Loaders;

namespace Rmt.Host.Training;

/// <summary>The model a training begins from: a plain one with new memory and head, a saved classifier, or one of random weights.</summary>
internal static class StartingModel
{
    private const int LongestWindow = 512;

    /// <exception cref="LoadException">It cannot be loaded, or has other labels.</exception>
    public static TrainingStart Load(ModelToTrain choice, LabelSet labels)
    {
        if (choice.New is not null)
            return New(choice, labels);
        var cache = HubCache.FromEnvironment();
        var folder = ModelFolder.OpenAny(ModelFolder.Find(choice.Name!, cache));
        if (folder.RmtConfig is not null)
            return Saved(choice, folder, cache, labels);
        var plain = ModelFolder.Open(folder.Path);
        return new(RmtCheckpoint.Begin(plain, labels, choice.MemoryTokens, choice.Window, choice.Alignment, choice.Dropout), plain, choice.Name);
    }

    private static TrainingStart Saved(ModelToTrain choice, ModelFolder folder, HubCache cache, LabelSet labels)
    {
        var (classifier, config, home) = RmtCheckpoint.LoadToTrain(folder, cache, dropout: choice.Dropout);
        var start = new TrainingStart(classifier, home, choice.Name);
        if (config.Labels.SequenceEqual(labels.Names))
            return start;
        start.Dispose();
        throw new LoadException(folder.RmtConfig!, $"has the labels {string.Join(", ", config.Labels)}; needed are {string.Join(", ", labels.Names)}, in this order. Begin from its backbone alone: a plain model.");
    }

    private static TrainingStart New(ModelToTrain choice, LabelSet labels)
    {
        var copy = Path.Combine(choice.Folder, "vocab.txt");
        if (!File.Exists(copy))     // there where a training goes on
            AtomicFile.Write(copy, File.Exists(choice.Vocabulary) ? File.ReadAllBytes(choice.Vocabulary) : throw new LoadException(choice.Vocabulary!, "there is no such vocabulary; --vocabulary names a vocab.txt."));
        var tokenizer = WordPieceTokenizer.Load(choice.Folder);
        var (layers, hidden, heads) = choice.New!.Value;
        var config = new BertConfig
        {
            VocabSize = tokenizer.VocabularySize, Layers = layers, HiddenSize = hidden, Heads = heads, IntermediateSize = 4 * hidden,
            MaxPositions = choice.Window ?? LongestWindow, PadTokenId = tokenizer.Special.Pad ?? 0,
        };
        if (config.Problem() is { } problem)
            throw new LoadException("--new", $"{problem}.");
        BertCheckpoint.WriteConfig(choice.Folder, config);
        var folder = ModelFolder.OpenAny(choice.Folder);
        return new(RmtCheckpoint.Begin(folder, labels, choice.MemoryTokens, choice.Window, choice.Alignment, choice.Dropout, drawn: true), folder, null);
    }
}
