using Rmt.Adapter;
using Rmt.Host.Input;
using Rmt.Host.Output;
using Rmt.Host.Reading;

namespace Rmt.Host.Evaluation;

/// <summary>Labelled documents through a model, counted as they are answered.</summary>
/// <param name="classifier">Its labels are the documents'.</param>
/// <param name="documents">Read twice: once to find every mistake before the work begins.</param>
/// <param name="path">For messages.</param>
internal sealed class LabelledRun(DocumentClassifier classifier, LabelledDocuments documents, string path)
{
    /// <summary>What was said so far.</summary>
    public ConfusionMatrix Confusion { get; } = new(classifier.Labels);

    /// <summary>How many documents there are.</summary>
    /// <exception cref="InputException">None, one that cannot be read, or a label that the model does not have.</exception>
    public int Check()
    {
        var count = 0;
        foreach (var document in documents.Read())
        {
            if (!classifier.Labels.Names.Contains(document.Label))
                throw new InputException($"{document.Place}: the model has no label '{document.Label}'; it has {string.Join(", ", classifier.Labels.Names)}");
            count++;
        }
        return count > 0 ? count : throw new InputException($"{path}: it holds no document");
    }

    /// <summary>Reads all documents.</summary>
    /// <exception cref="OperationCanceledException">After those that were answered.</exception>
    public void Read(int batch, int threads, Terminal terminal, Progress progress, CancellationToken cancellation)
    {
        using var reader = new ScheduledReader(classifier, batch);
        var labels = new Queue<(string Name, string Place)>();
        var sources = documents.Read().Select(document =>
        {
            labels.Enqueue((document.Label, document.Place));
            return new DocumentSource(document.Place, () => new StringReader(document.Text));
        });
        // After Ctrl-C those between may be missing: what an answer is of, its source says.
        foreach (var record in new ClassifyRun(reader, batch, threads, null, terminal.Clock, progress).Classify(sources, cancellation))
        {
            if (record is not ClassifyRecord answer)
                throw new InvalidOperationException(record is FailureRecord failure ? $"{failure.Source}: {failure.Error}" : "no answer");
            var truth = labels.Dequeue();
            while (truth.Place != answer.Source)
                truth = labels.Dequeue();
            Confusion.Add(classifier.Labels.IndexOf(truth.Name), classifier.Labels.IndexOf(answer.Label));
        }
    }
}
