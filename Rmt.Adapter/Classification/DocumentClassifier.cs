namespace Rmt.Adapter;

/// <summary>What a document is, and how much of it was read.</summary>
/// <param name="Prediction">After the last segment.</param>
/// <param name="TokensTotal">Content tokens of the document.</param>
/// <param name="TokensRead">Of them, those that were read: all, unless a limit was set.</param>
/// <param name="Segments">Segments read; 1 or more.</param>
public sealed record Classification(Prediction Prediction, int TokensTotal, int TokensRead, int Segments)
{
    /// <summary>Whether a limit cut tokens away.</summary>
    public bool Truncated => TokensRead < TokensTotal;
}

/// <summary>Text of any length to a label: tokenizer, segmenter, model and labels under one roof.</summary>
public sealed class DocumentClassifier : IDisposable
{
    /// <param name="tokenizer">Of the backbone's vocabulary.</param>
    /// <param name="segmenter">As the model was trained.</param>
    /// <param name="model">Disposed with the classifier; put into evaluation mode.</param>
    /// <param name="labels">As many as the head has outputs.</param>
    /// <exception cref="ArgumentException">The number of labels is not the head's.</exception>
    public DocumentClassifier(ITokenizer tokenizer, Segmenter segmenter, RecurrentClassifier model, LabelSet labels)
    {
        if (labels.Count != model.Labels)
            throw new ArgumentException($"the head has {model.Labels} outputs, given are {labels.Count} labels", nameof(labels));
        (Tokenizer, Segmenter, Model, Labels) = (tokenizer, segmenter, model, labels);
        model.eval();
    }

    /// <summary>Text to ids.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>How documents are cut.</summary>
    public Segmenter Segmenter { get; }

    /// <summary>The network.</summary>
    public RecurrentClassifier Model { get; }

    /// <summary>The classes.</summary>
    public LabelSet Labels { get; }

    /// <summary>Classifies one text.</summary>
    public Classification Classify(string text) => Classify([text])[0];

    /// <summary>Classifies several texts together; the answers stand in their order and are those of each text alone.</summary>
    /// <param name="texts">Of any lengths.</param>
    /// <param name="batchSize">Most texts read in one step.</param>
    /// <param name="truncation">A limit of tokens, where one is wanted.</param>
    /// <param name="cancellation">Ends the work at the next step.</param>
    public IReadOnlyList<Classification> Classify(IReadOnlyList<string> texts, int batchSize = 8, Truncation? truncation = null, CancellationToken cancellation = default)
    {
        using var scheduler = new SegmentScheduler(Model, Segmenter, batchSize) { AnswersOnly = true };
        var totals = new int[texts.Count];
        for (var i = 0; i < texts.Count; i++)
        {
            var ids = Tokenizer.Encode(texts[i]);
            Segmenter.KeepContent(ids);
            totals[i] = ids.Count;
            var tokens = ids.ToArray();
            scheduler.Add(truncation?.Apply(tokens) ?? tokens, tag: i);
        }
        var answers = new Classification[texts.Count];
        while (scheduler.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var reading in scheduler.Step().Where(reading => reading.IsLast))
            {
                var i = (int)reading.Document.Tag!;
                answers[i] = new(new(Labels, reading.Logits), totals[i], reading.Document.Tokens.Length, reading.Document.Segments.Count);
            }
        }
        return answers;
    }

    /// <summary>Frees the model.</summary>
    public void Dispose() => Model.Dispose();
}
