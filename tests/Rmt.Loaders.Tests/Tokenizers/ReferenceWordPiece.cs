using System.Text;

namespace Rmt.Loaders.Tests;

/// <summary>The same rules a second time, as the Rust library applies them: each step to the whole text, with lists and no thought of speed.
/// Only the tables of single code points are shared with what is tested.</summary>
internal sealed class ReferenceWordPiece(string[] vocabulary, WordPieceOptions options, IReadOnlyList<AddedToken> added)
{
    private readonly Dictionary<string, int> ids =
        vocabulary.Select((token, id) => (token, id)).ToDictionary(pair => pair.token, pair => pair.id);

    public List<int> Encode(string text)
    {
        var output = new List<int>();
        var written = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).EnumerateRunes().Select(rune => rune.Value).ToList();
        var first = added.Where(token => !token.Normalized).Select(token => (Points(token.Content), token)).ToList();
        var second = added.Where(token => token.Normalized).Select(token => (Normalize(Points(token.Content)), token)).ToList();
        foreach (var (token, part) in Split(written, first))
            if (token is not null)
                output.Add(token.Id);
            else
                foreach (var (inner, words) in Split(Normalize(part), second))
                    if (inner is not null)
                        output.Add(inner.Id);
                    else
                        foreach (var word in Words(words))
                            output.AddRange(Pieces(word));
        return output;
    }

    // find_matches of added_vocabulary.rs.
    private static List<(AddedToken? Token, List<int> Part)> Split(List<int> text, List<(List<int> Text, AddedToken Token)> patterns)
    {
        var splits = new List<(AddedToken?, List<int>)>();
        var begin = 0;
        for (var at = 0; at < text.Count;)
        {
            var found = patterns.Where(p => text.Skip(at).Take(p.Text.Count).SequenceEqual(p.Text))
                .OrderByDescending(p => p.Text.Count).FirstOrDefault();
            if (found.Token is not { } token)
            {
                at++;
                continue;
            }
            var (start, stop) = (at, at + found.Text.Count);
            at = stop;
            if (token.SingleWord && ((start > 0 && IsWord(text[start - 1])) || (stop < text.Count && IsWord(text[stop]))))
                continue;
            if (token.LeftStrip)
            {
                while (start > 0 && IsSpace(text[start - 1]))
                    start--;
                start = Math.Max(start, begin);
            }
            if (token.RightStrip)
                while (stop < text.Count && IsSpace(text[stop]))
                    stop++;
            if (begin < start)
                splits.Add((null, text[begin..start]));
            splits.Add((token, []));
            begin = stop;
        }
        if (begin < text.Count)
            splits.Add((null, text[begin..]));
        return splits;
    }

    private List<int> Normalize(List<int> text)
    {
        if (options.CleanText)
            text = [.. text.Where(c => !CodePoints.Is(c, Traits.Dropped)).Select(c => CodePoints.Is(c, Traits.Space) ? ' ' : c)];
        if (options.SplitIdeographs)
            text = [.. text.SelectMany(c => CodePoints.Is(c, Traits.Ideograph) ? [' ', c, ' '] : new[] { c })];
        if (options.StripAccents ?? options.Lowercase)
            text = [.. Decomposed(text).Where(c => !CodePoints.Is(c, Traits.StrippedMark))];
        if (options.Lowercase)
            text = [.. text.SelectMany(Lower)];
        return text;
    }

    private static List<int> Decomposed(List<int> text)
    {
        var parts = text.SelectMany(Parts).ToList();
        for (var at = 0; at < parts.Count; at++)
        {
            var run = parts.Skip(at).TakeWhile(c => CodePoints.CombiningClass(c) != 0).OrderBy(CodePoints.CombiningClass).ToList();
            parts.RemoveRange(at, run.Count);
            parts.InsertRange(at, run);
            at += run.Count;
        }
        return parts;
    }

    private static int[] Parts(int c)
    {
        var parts = new int[4];
        return CodePoints.Is(c, Traits.Composed) ? parts[..CodePoints.Decompose(c, parts)] : [c];
    }

    private static int[] Lower(int c)
    {
        if (!CodePoints.Is(c, Traits.Upper))
            return [c];
        var lower = CodePoints.Lower(c, out var second);
        return second == 0 ? [lower] : [lower, second];
    }

    private static List<List<int>> Words(List<int> text)
    {
        var words = new List<List<int>> { new() };
        foreach (var c in text)
            if (IsSpace(c))
                words.Add([]);
            else if (CodePoints.Is(c, Traits.Punctuation))
                words.AddRange([[c], []]);
            else
                words[^1].Add(c);
        return [.. words.Where(word => word.Count > 0)];
    }

    private List<int> Pieces(List<int> word)
    {
        var unknown = ids[options.Unknown];
        if (word.Count > options.LongestWord)
            return [unknown];
        var pieces = new List<int>();
        for (var start = 0; start < word.Count;)
        {
            var end = word.Count;
            while (end > start && !ids.ContainsKey(Piece(start, end)))
                end--;
            if (end == start)
                return [unknown];
            pieces.Add(ids[Piece(start, end)]);
            start = end;
        }
        return pieces;

        string Piece(int start, int end) => (start > 0 ? options.Prefix : "") + string.Concat(word[start..end].Select(char.ConvertFromUtf32));
    }

    private static List<int> Points(string text) => [.. text.EnumerateRunes().Select(rune => rune.Value)];

    private static bool IsSpace(int c) => CodePoints.Is(c, Traits.WhiteSpace);

    private static bool IsWord(int c) => CodePoints.Is(c, Traits.Word);
}
