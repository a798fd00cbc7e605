namespace Rmt.Adapter;

/// <summary>The documents of every update, in the order of its epochs. Generated ones are made on other threads while the update before them computes.</summary>
internal sealed class DocumentsAhead(IReadOnlyList<TrainingDocument> training, TrainingOptions options, RecurrentModel model) : IDisposable
{
    private readonly SampleOrder order = new(options.Seed, training.Count);
    private (long Update, Task<TrainingDocument[]> Documents)? ahead;

    /// <summary>Those of an update, from 0; which come next is a function of its number alone.</summary>
    /// <exception cref="ArgumentException">A token or a label is none of the model's.</exception>
    public TrainingDocument[] Of(long update)
    {
        var documents = ahead is { } made && made.Update == update ? made.Documents.GetAwaiter().GetResult() : Take(update);
        ahead = training is GeneratedDocuments && update + 1 < options.Updates ? (update + 1, Task.Run(() => Take(update + 1))) : null;
        return documents;
    }

    private TrainingDocument[] Take(long update)
    {
        var indices = Enumerable.Range(0, options.Documents).Select(at => order.At(update * options.Documents + at)).ToArray();
        var documents = training is GeneratedDocuments generated ? generated.Make(indices) : [.. indices.Select(index => training[index])];
        foreach (var (index, document) in indices.Zip(documents))
            model.Require(document, $"document {index} of the training set");
        return documents;
    }

    /// <summary>Waits for what is being made: nobody is to be asked for documents afterwards.</summary>
    public void Dispose()
    {
        if (ahead is { } made) _ = ((IAsyncResult)made.Documents).AsyncWaitHandle.WaitOne();
        ahead = null;
    }
}
