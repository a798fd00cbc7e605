using Rmt.Adapter;

namespace Rmt.Host.Input;

/// <summary>Texts to continue, not to label: a file, a folder of *.txt and *.jsonl, or JSON lines.</summary>
/// <param name="path">A file or a folder.</param>
/// <param name="encoding">Null is UTF-8, or what a byte-order mark says.</param>
internal sealed class Texts(string path, string? encoding)
{
    /// <summary>Content tokens of every text that has two or more: of fewer nothing can be foretold.</summary>
    /// <exception cref="InputException">One cannot be read, or there is none.</exception>
    public IReadOnlyList<ReadOnlyMemory<int>> Read(ITokenizer tokenizer, Segmenter segmenter)
    {
        var read = new List<ReadOnlyMemory<int>>();
        foreach (var source in new Inputs([path], encoding, () => throw new InputException("stdin is read once, and a text twice")).Documents())
        {
            var ids = Encoded(source, tokenizer);
            segmenter.KeepContent(ids);
            if (ids.Count > 1)
                read.Add(ids.ToArray());
        }
        return read.Count > 0 ? read : throw new InputException($"{path}: there is no text of two tokens or more in it");
    }

    private static List<int> Encoded(DocumentSource source, ITokenizer tokenizer)
    {
        try
        {
            using var text = source.Open();
            return tokenizer.Encode(text.ReadToEnd());
        }
        catch (Exception error) when (DocumentSource.IsUnreadable(error))
        {
            throw new InputException($"{source.Name}: {error.Message}");
        }
    }
}
