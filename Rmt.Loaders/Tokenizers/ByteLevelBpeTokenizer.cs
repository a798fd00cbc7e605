using System.Buffers;
using System.Text;
using Rmt.Adapter;

namespace Rmt.Loaders;

/// <summary>The byte-level BPE tokenizer of RoBERTa and GPT-2; its ids are those of Hugging Face's Rust library <c>tokenizers</c>. Every text has ids, and
/// they give it back.</summary>
/// <remarks>In this order: added tokens are cut out of the text; what is left is parted into pre-tokens (<see cref="PreTokens"/>); their bytes are joined by
/// the merges, in the order in which those were learnt.</remarks>
public sealed class ByteLevelBpeTokenizer : PretrainedTokenizer, IDecodingTokenizer
{
    private readonly int[] idOfByte = new int[256];
    private readonly MergeTable merges;
    private readonly bool prefixSpace;
    private readonly PreTokenCache cache = new();
    private readonly AddedTokenTrie written = new(), normalized = new();      // nothing is normalized; those that would be are looked for behind the others
    private readonly SearchValues<char> beginnings;
    private readonly HashSet<int> special;
    private readonly bool divides;

    internal ByteLevelBpeTokenizer(string path, Vocabulary vocabulary, MergeTable merges, AddedTokens added, SpecialNames names, bool prefixSpace) : base(vocabulary, added)
    {
        (this.merges, this.prefixSpace) = (merges, prefixSpace);
        for (var b = 0; b < idOfByte.Length; b++)
            idOfByte[b] = vocabulary.IdOf([ByteLetters.Of((byte)b)]) ?? throw new LoadException(path,
                $"has no token {Quoted.Name($"{ByteLetters.Of((byte)b)}")}, which stands for the byte 0x{b:X2}; a byte-level vocabulary has all 256.");
        foreach (var token in added.All.OrderBy(token => token.Normalized))
            Index(path, token);
        Special = new(Id(names.Pad), Id(names.Cls), Id(names.Sep));
        EndOfText = Id(names.End);
        special = [.. added.All.Where(token => token.Special).Select(token => token.Id)];
        beginnings = SearchValues.Create(Beginnings());
        divides = !written.RightStrips && !normalized.RightStrips && !written.Holds(' ') && !normalized.Holds(' ');

        int? Id(string? token) => token is null ? null : vocabulary.IdOf(token) ?? added.IdOf(token);
    }

    /// <inheritdoc/>
    public override SpecialTokens Special { get; }

    /// <inheritdoc/>
    public int? EndOfText { get; }

    /// <inheritdoc/>
    // Before a space that stands behind no other white space a pre-token ends, and the other begins as it does in a text of its own.
    public override int LastCut(ReadOnlySpan<char> text)
    {
        for (var at = divides ? text.LastIndexOf(' ') : 0; at > 0; at = text[..at].LastIndexOf(' '))
            if (!CodePoints.Is(text[at - 1], Traits.WhiteSpace))
                return at;
        return 0;
    }

    /// <inheritdoc/>
    public override ITokenization Begin() => new ByteLevelBpeTokenization(written, normalized, beginnings, new(new(cache, new(merges, idOfByte)), prefixSpace));

    /// <summary>The text of ids; bytes that are no UTF-8 are U+FFFD.</summary>
    /// <param name="ids">Of tokens.</param>
    /// <param name="skipSpecialTokens">Whether special tokens leave no text.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        var (decoding, text) = (BeginDecoding(skipSpecialTokens), new StringBuilder());
        foreach (var id in ids)
            _ = text.Append(decoding.Append(id));
        return text.Append(decoding.Complete()).ToString();
    }

    /// <inheritdoc cref="IDecodingTokenizer.BeginDecoding"/>
    public ByteLevelDecoding BeginDecoding(bool skipSpecialTokens = false) => new(this, skipSpecialTokens);

    ITokenDecoding IDecodingTokenizer.BeginDecoding(bool skipSpecialTokens) => BeginDecoding(skipSpecialTokens);

    /// <summary>Whether a special token has this id.</summary>
    internal bool IsSpecial(int id) => special.Contains(id);

    private void Index(string path, AddedToken token)
    {
        int[] text = [.. token.Content.EnumerateRunes().Select(rune => rune.Value)];
        _ = (token.Normalized ? normalized : written).Add(text, token);
        // The second search must see the text without the white space that the first one takes away.
        if (token.Normalized && written.LeftStrips && text.Any(c => CodePoints.Is(c, Traits.WhiteSpace)))
            throw new LoadException(path, $"the added token {Quoted.Name(token.Content)} has white space in it and is normalized, beside a token with lstrip that is not; give them the same \"normalized\".");
    }

    // The first UTF-16 units of added tokens. Half a surrogate pair is read as U+FFFD.
    private char[] Beginnings()
    {
        var first = new HashSet<char>();
        Span<char> units = stackalloc char[2];
        foreach (var codePoint in written.Beginnings.Concat(normalized.Beginnings))
        {
            _ = CodePoints.Write(codePoint, units);
            _ = first.Add(units[0]);
        }
        return first.Contains((char)CodePoints.Replacement) ? [.. first.Union(Enumerable.Range(0xD800, 0x800).Select(half => (char)half))] : [.. first];
    }
}
