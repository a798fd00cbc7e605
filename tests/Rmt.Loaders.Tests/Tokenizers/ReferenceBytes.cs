using System.Text;
using System.Text.RegularExpressions;

namespace Rmt.Loaders.Tests;

/// <summary>Byte-level BPE as its rules say it, over the whole text, with .NET's own regular expressions: slow, and with nothing held back.</summary>
internal sealed partial class ReferenceBytes(string[] merges, bool prefixSpace, IReadOnlyList<AddedToken> added)
{
    private readonly List<string> vocabulary = OwnBytes.Vocabulary(merges);
    private readonly Dictionary<(string, string), int> ranks = merges.Index().ToDictionary(merge => (merge.Item.Split(' ')[0], merge.Item.Split(' ')[1]), merge => merge.Index);

    public List<int> Encode(string text)
    {
        text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));       // half a pair is U+FFFD
        return [.. Cut([(text, null)], normalized: false).SelectMany(part => Cut([part], normalized: true)).SelectMany(part => part.Token is { } token ? [token.Id] : Words(part.Text))];
    }

    // Leftmost, longest; white space is taken away around what was found.
    private List<(string Text, AddedToken? Token)> Cut(List<(string Text, AddedToken? Token)> parts, bool normalized)
    {
        if (parts is not [(var text, null)])
            return parts;
        var tokens = added.Where(token => token.Normalized == normalized).OrderByDescending(token => token.Content.EnumerateRunes().Count()).ToList();
        var (found, from) = (new List<(string, AddedToken?)>(), 0);
        for (var at = 0; at < text.Length;)
        {
            if (tokens.Find(token => string.CompareOrdinal(text, at, token.Content, 0, token.Content.Length) == 0) is not { } token)
            {
                at++;
                continue;
            }
            var (start, end) = (at, at + token.Content.Length);
            at = end;
            if (token.SingleWord && ((start > 0 && IsWord(text, start - 1)) || (end < text.Length && IsWord(text, end))))
                continue;
            while (token.LeftStrip && start > from && CodePoints.Is(text[start - 1], Traits.WhiteSpace))
                start--;
            while (token.RightStrip && end < text.Length && CodePoints.Is(text[end], Traits.WhiteSpace))
                end++;
            found.Add((text[from..Math.Max(from, start)], null));
            found.Add(("", token));
            from = end;
        }
        found.Add((text[from..], null));
        return found;
    }

    private static bool IsWord(string text, int at) =>
        CodePoints.Is(char.IsSurrogate(text[at]) ? char.ConvertToUtf32(text, char.IsLowSurrogate(text[at]) ? at - 1 : at) : text[at], Traits.Word);

    private IEnumerable<int> Words(string text)
    {
        if (prefixSpace && text.Length > 0 && text[0] != ' ')
            text = " " + text;
        // One UTF-16 unit for every code point, of the same class.
        var runes = text.EnumerateRunes().ToArray();
        var classes = string.Concat(runes.Select(rune => rune.Value < 128 ? (char)rune.Value : Rune.IsLetter(rune) ? 'é' : Rune.IsNumber(rune) ? '²' : Rune.IsWhiteSpace(rune) ? '\u3000' : '…'));
        return Pattern().Matches(classes).SelectMany(match => Pieces(string.Concat(runes[match.Index..(match.Index + match.Length)])));
    }

    private IEnumerable<int> Pieces(string word)
    {
        var pieces = OwnBytes.Letters(word).Select(letter => $"{letter}").ToList();
        while (true)
        {
            var best = Enumerable.Range(0, pieces.Count - 1).Where(i => ranks.ContainsKey((pieces[i], pieces[i + 1]))).Select(i => (int?)i).MinBy(i => (ranks[(pieces[i!.Value], pieces[i.Value + 1])], i));
            if (best is not { } at)
                return pieces.Select(piece => vocabulary.IndexOf(piece));
            pieces[at] += pieces[at + 1];
            pieces.RemoveAt(at + 1);
        }
    }

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
