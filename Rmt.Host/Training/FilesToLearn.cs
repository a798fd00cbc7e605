using Rmt.Adapter;
using Rmt.Host.Input;

namespace Rmt.Host.Training;

/// <summary>Labelled documents of two files. They are read twice: for their labels before there is a model, for their tokens when there is one.</summary>
internal sealed class FilesToLearn : ILesson
{
    private readonly LabelledDocuments _training, _validation;
    private readonly LabelSet _labels;
    private readonly Truncation? _truncation;
    private readonly int? _longest;

    private FilesToLearn(LabelledDocuments training, LabelledDocuments validation, LabelSet labels, int count, Truncation? truncation, int? longest) =>
        (_training, _validation, _labels, Count, _truncation, _longest) = (training, validation, labels, count, truncation, longest);

    /// <summary>Those of the training file, in ordinal order.</summary>
    public LabelSet? Labels => _labels;

    /// <summary>Documents to train on.</summary>
    public int Count { get; }

    /// <param name="training">A file to train on.</param>
    /// <param name="validation">A file to choose the best weights by.</param>
    /// <param name="encoding">Of both; null is UTF-8, or what a byte-order mark says.</param>
    /// <param name="truncation">A limit of tokens, where one is wanted.</param>
    /// <param name="longest">Tokens above which a document is refused; null: none is.</param>
    /// <exception cref="InputException">A document cannot be read, there is none, or the labels do not make a task.</exception>
    public static FilesToLearn Open(string training, string validation, string? encoding, Truncation? truncation, int? longest)
    {
        var (train, valid) = (new LabelledDocuments(training, encoding), new LabelledDocuments(validation, encoding));
        var counts = train.Read().CountBy(document => document.Label).ToList();
        if (counts.Count == 0)
            throw new InputException($"{training}: there is no document in it to train on");
        if (counts is [var only])
            throw new InputException($"{training}: all {only.Value} documents have the label '{only.Key}'; a classifier needs documents of two labels or more");
        var labels = new LabelSet(counts.Select(count => count.Key).Order(StringComparer.Ordinal));
        var any = false;
        foreach (var document in valid.Read())
        {
            any = true;
            if (!labels.Names.Contains(document.Label))
                throw new InputException($"{document.Place}: label '{document.Label}' is none of those in {training} ({string.Join(", ", labels.Names.Take(10))}{(labels.Count > 10 ? ", …" : "")}); correct it, or add documents of it there");
        }
        return any ? new(train, valid, labels, counts.Sum(count => count.Value), truncation, longest)
            : throw new InputException($"{validation}: there is no document in it to validate on");
    }

    public IDocuments Prepare(TrainingStart start) => new Files(
        new([.. _training.Read().Select(document => Tokens(document, start))], [.. _validation.Read().Select(document => Tokens(document, start))]), _labels, start.Segmenter);

    private TrainingDocument Tokens(LabelledText document, TrainingStart start)
    {
        var ids = start.Tokenizer.Encode(document.Text);
        start.Segmenter.KeepContent(ids);
        if (ids.Count > _longest)
            throw new InputException($"{document.Place}: the document has {ids.Count} tokens, and --longest is {_longest}; shorten it, raise --longest, or read a part of each with --max-tokens N");
        var tokens = ids.ToArray();
        return new(_truncation?.Apply(tokens) ?? tokens, _labels.IndexOf(document.Label));
    }

    private sealed class Files(StageDocuments documents, LabelSet labels, Segmenter segmenter) : IDocuments
    {
        public IReadOnlyList<StageToTrain> Stages(IReadOnlyList<StageToTrain> planned)
        {
            var longest = segmenter.Split(documents.Training.Max(document => document.Tokens.Length)).Count;
            var hash = DocumentsHash.Of(documents, labels.Names);
            return [.. planned.Select(stage => stage with { Stage = stage.Stage with { Segments = longest, Fingerprint = hash } })];
        }

        public StageDocuments Of(StageToTrain stage) => documents;
    }
}
