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

    /// <summary>Goes on with a text: what follows it, as it comes.</summary>
    /// <param name="text">Of any length, one token or more.</param>
    /// <param name="options">How; null: 128 tokens, the likeliest each time.</param>
    /// <param name="cancellation">Ends the work between two segments or tokens.</param>
    /// <exception cref="InvalidOperationException">The text has no token, or the tokenizer makes no text.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public IEnumerable<string> Generate(string text, GenerationOptions? options = null, CancellationToken cancellation = default)
    {
        var decoding = (Tokenizer as IDecodingTokenizer ?? throw new InvalidOperationException($"{Tokenizer.GetType().Name} makes no text of ids: it is no {nameof(IDecodingTokenizer)}")).BeginDecoding();
        using var generator = new RecurrentGenerator(Model);
        generator.Read(Tokenizer.Encode(text).ToArray(), cancellation);
        foreach (var token in generator.Generate(options, cancellation))
            if (decoding.Append(token) is { Length: > 0 } certain) yield return certain;
        if (decoding.Complete() is { Length: > 0 } rest) yield return rest;
    }

    /// <summary>Frees the model.</summary>
    public void Dispose() => Model.Dispose();
}
