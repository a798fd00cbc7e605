namespace Rmt.Adapter;

/// <summary>A language model of texts of any length: tokenizer, segmenter and network under one roof.</summary>
public sealed class DocumentLanguageModel : IDisposable
{
    /// <param name="tokenizer">Of the backbone's vocabulary.</param>
    /// <param name="segmenter">As the model was trained.</param>
    /// <param name="model">Disposed with this; put into evaluation mode.</param>
    public DocumentLanguageModel(ITokenizer tokenizer, Segmenter segmenter, RecurrentLanguageModel model)
    {
        (Tokenizer, Segmenter, Model) = (tokenizer, segmenter, model);
        model.eval();
    }

    /// <summary>Text to ids.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>How documents are cut.</summary>
    public Segmenter Segmenter { get; }

    /// <summary>The network.</summary>
    public RecurrentLanguageModel Model { get; }

    /// <summary>Frees the model.</summary>
    public void Dispose() => Model.Dispose();
}
