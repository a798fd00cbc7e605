namespace Rmt.Adapter;

/// <summary>Text to token ids. Never adds special tokens: the segmenter places those.</summary>
/// <remarks>Safe to use from several threads at once; what <see cref="Begin"/> returns belongs to one thread.</remarks>
public interface ITokenizer
{
    /// <summary>The ids that frame a window.</summary>
    SpecialTokens Special { get; }

    /// <summary>One more than the largest id.</summary>
    int VocabularySize { get; }

    /// <summary>The token of an id, as the vocabulary writes it (<c>##ing</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such id.</exception>
    string Token(int id);

    /// <summary>The last place where a text may be cut, whatever follows it: the ids of both parts, each a document of its own, are those of the whole.</summary>
    /// <returns>How many UTF-16 units stand before it; 0 where there is no such place, and unless a tokenizer says more.</returns>
    int LastCut(ReadOnlySpan<char> text) => 0;

    /// <summary>Begins a document whose text comes in parts.</summary>
    ITokenization Begin();

    /// <summary>The ids of a whole text. Special tokens written inside it are recognised and kept.</summary>
    List<int> Encode(ReadOnlySpan<char> text)
    {
        var ids = new List<int>();
        var tokenization = Begin();
        tokenization.Append(text, ids);
        tokenization.Complete(ids);
        return ids;
    }
}

/// <summary>One document on its way through a tokenizer. Parts may be cut anywhere, inside a word or a surrogate pair:
/// the ids are those of the whole text.</summary>
public interface ITokenization
{
    /// <summary>Adds the ids that are certain by now; the rest is held back until more text or the end comes.</summary>
    void Append(ReadOnlySpan<char> text, List<int> ids);

    /// <summary>Adds what was held back. Nothing may be appended afterwards.</summary>
    void Complete(List<int> ids);
}

/// <summary>A tokenizer whose ids can be turned back into text.</summary>
public interface IDecodingTokenizer : ITokenizer
{
    /// <summary>The token that stands behind a whole text; null where the vocabulary names none.</summary>
    int? EndOfText { get; }

    /// <summary>Begins a text whose ids come one by one.</summary>
    /// <param name="skipSpecialTokens">Whether special tokens leave no text.</param>
    ITokenDecoding BeginDecoding(bool skipSpecialTokens = false);
}

/// <summary>Ids to text, one by one. Belongs to one thread.</summary>
public interface ITokenDecoding
{
    /// <summary>The text that is certain by now; empty where it is none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    string Append(int id);

    /// <summary>What is left. Another text may begin.</summary>
    string Complete();
}
