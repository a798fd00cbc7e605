using Rmt.Adapter;
using Rmt.Bert;
using Rmt.Gpt2;
using Rmt.Loaders;

namespace Rmt.Host.Training;

/// <summary>The model a training begins from: a plain one with new memory, a saved one, or one of random weights; a classifier where there are labels, else a
/// language model.</summary>
internal static class StartingModel
{
    private const int LongestWindow = 512;

    /// <exception cref="LoadException">It cannot be loaded, or has other labels.</exception>
    public static TrainingStart Load(ModelToTrain choice, LabelSet? labels)
    {
        if (choice.New is not null)
            return Begin(choice, New(choice, labels), labels, drawn: true);
        var cache = HubCache.FromEnvironment();
        var folder = ModelFolder.OpenAny(ModelFolder.Find(choice.Name!, cache));
        return folder.RmtConfig is null ? Begin(choice, ModelFolder.Open(folder.Path), labels, drawn: false) : Saved(choice, folder, cache, labels);
    }

    private static TrainingStart Begin(ModelToTrain choice, ModelFolder plain, LabelSet? labels, bool drawn)
    {
        if (labels is not null)
            return Of(RmtCheckpoint.Begin(plain, labels, choice.MemoryTokens, choice.Window, choice.Alignment, choice.Dropout, drawn), plain, choice);
        return Of(LanguageCheckpoint.Begin(plain, choice.MemoryTokens, choice.Window, choice.Alignment, choice.Dropout, drawn), plain, choice);
    }

    private static TrainingStart Saved(ModelToTrain choice, ModelFolder folder, HubCache cache, LabelSet? labels)
    {
        if (labels is null)
        {
            var (model, _, from) = LanguageCheckpoint.LoadToTrain(folder, cache, choice.Window, choice.Dropout);
            return Of(model, from, choice);
        }
        var (classifier, config, home) = RmtCheckpoint.LoadToTrain(folder, cache, choice.Window, dropout: choice.Dropout);
        var start = Of(classifier, home, choice);
        if (config.Labels.SequenceEqual(labels.Names))
            return start;
        start.Dispose();
        throw new LoadException(folder.RmtConfig!, $"has the labels {string.Join(", ", config.Labels)}; needed are {string.Join(", ", labels.Names)}, in this order. Begin from its backbone alone: a plain model.");
    }

    private static TrainingStart Of(DocumentClassifier classifier, ModelFolder origin, ModelToTrain choice) =>
        new(classifier.Model, classifier.Tokenizer, classifier.Segmenter, classifier.Labels, origin, choice.Name);

    private static TrainingStart Of(DocumentLanguageModel model, ModelFolder origin, ModelToTrain choice) => new(model.Model, model.Tokenizer, model.Segmenter, null, origin, choice.Name);

    // A BERT that is to label, a GPT-2 that is to continue.
    private static ModelFolder New(ModelToTrain choice, LabelSet? labels)
    {
        CopyVocabulary(choice);
        var tokenizer = PretrainedTokenizer.Load(choice.Folder);
        var (layers, hidden, heads) = choice.New!.Value;
        var bert = new BertConfig
        {
            VocabSize = tokenizer.VocabularySize, Layers = layers, HiddenSize = hidden, Heads = heads, IntermediateSize = 4 * hidden,
            MaxPositions = choice.Window ?? LongestWindow, PadTokenId = tokenizer.Special.Pad ?? 0,
        };
        var gpt2 = new Gpt2Config { VocabSize = bert.VocabSize, Layers = layers, HiddenSize = hidden, Heads = heads, MaxPositions = bert.MaxPositions };
        if ((labels is null ? gpt2.Problem() : bert.Problem()) is { } problem)
            throw new LoadException("--new", $"{problem}.");
        if (labels is null)
            Gpt2Checkpoint.WriteConfig(choice.Folder, gpt2);
        else
            BertCheckpoint.WriteConfig(choice.Folder, bert);
        return ModelFolder.OpenAny(choice.Folder);
    }

    // vocab.txt, or vocab.json and the merges.txt beside it. They are there where a training goes on.
    private static void CopyVocabulary(ModelToTrain choice)
    {
        var isBytes = Path.GetExtension(choice.Vocabulary) == ".json";
        Copy(choice.Vocabulary!, isBytes ? "vocab.json" : "vocab.txt");
        if (isBytes)
            Copy(Path.Combine(Path.GetDirectoryName(choice.Vocabulary!)!, "merges.txt"), "merges.txt");

        void Copy(string from, string name)
        {
            var copy = Path.Combine(choice.Folder, name);
            if (!File.Exists(copy))
                AtomicFile.Write(copy, File.Exists(from) ? File.ReadAllBytes(from) : throw new LoadException(from, "there is no such vocabulary; --vocabulary names a vocab.txt, or a vocab.json with merges.txt beside it."));
        }
    }
}
