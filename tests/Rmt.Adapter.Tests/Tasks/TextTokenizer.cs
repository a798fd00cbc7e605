using System.Text;

namespace Rmt.Adapter.Tests;

/// <summary>Words and signs of a text as BERT parts them, numbered as they come for the first time.</summary>
internal sealed class TextTokenizer : ITokenizer
{
    private readonly Dictionary<string, int> ids = [];
    private readonly List<string> words = [];

    private const int First = 3;

    public SpecialTokens Special { get; } = new(0, 1, 2);

    public int VocabularySize => 1 << 24;

    public string Token(int id)
    {
        lock (words)
            return words[id - First];
    }

    public string Text(ReadOnlySpan<int> ids)
    {
        var text = new StringBuilder();
        foreach (var id in ids)
            _ = text.Append(Token(id)).Append(' ');
        return text.ToString().TrimEnd();
    }

    public ITokenization Begin() => new Words(this);

    private int Id(string word)
    {
        if (word == "[SEP]")
            return Special.Sep!.Value;
        lock (words)
        {
            if (!ids.TryGetValue(word, out var id))
            {
                ids.Add(word, id = First + words.Count);
                words.Add(word);
            }
            return id;
        }
    }

    private sealed class Words(TextTokenizer tokenizer) : ITokenization
    {
        private readonly StringBuilder word = new();

        public void Append(ReadOnlySpan<char> text, List<int> ids)
        {
            foreach (var letter in text)
            {
                if (letter is ' ' or '\n' or '.' or ',' or '?')
                    Complete(ids);
                if (letter is '.' or ',' or '?')
                    ids.Add(tokenizer.Id(letter.ToString()));
                else if (letter is not (' ' or '\n'))
                    _ = word.Append(letter);
            }
        }

        public void Complete(List<int> ids)
        {
            if (word.Length > 0)
                ids.Add(tokenizer.Id(word.ToString()));
            _ = word.Clear();
        }
    }
}
