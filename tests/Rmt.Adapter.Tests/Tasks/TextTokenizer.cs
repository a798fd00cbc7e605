using System.Text;

namespace Rmt.Adapter.Tests;

/// <summary>Words and signs of a text as BERT parts them; an id is made of a token's letters, and the words are known again.</summary>
internal sealed class TextTokenizer : ITokenizer
{
    private readonly Dictionary<int, string> words = [];

    public SpecialTokens Special { get; } = new(0, 1, 2);

    public int VocabularySize => 1 << 24;

    public string Token(int id)
    {
        lock (words)
            return words[id];
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
        var hash = 17u;
        foreach (var letter in word)
            hash = hash * 31 + letter;
        var id = 3 + (int)(hash % (VocabularySize - 3));
        lock (words)
            Assert.Equal(word, words.TryAdd(id, word) ? word : words[id]);
        return id;
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
