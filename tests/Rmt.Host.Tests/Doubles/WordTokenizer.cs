using System.Text;
using Rmt.Adapter;

namespace Rmt.Host.Tests.Doubles;

/// <summary>A word is a token: its id is 10 + its length. <c>[SEP]</c> is the special token 2.</summary>
internal sealed class WordTokenizer : ITokenizer
{
    public SpecialTokens Special { get; } = new(0, 1, 2);

    public int VocabularySize => 1000;

    public string Token(int id) => id == 2 ? "[SEP]" : $"w{id - 10}";

    public ITokenization Begin() => new Words();

    private sealed class Words : ITokenization
    {
        private readonly StringBuilder _word = new();

        public void Append(ReadOnlySpan<char> text, List<int> ids)
        {
            foreach (var letter in text)
            {
                if (char.IsWhiteSpace(letter))
                    Complete(ids);
                else
                    _ = _word.Append(letter);
            }
        }

        public void Complete(List<int> ids)
        {
            if (_word.Length > 0)
                ids.Add(_word.ToString() == "[SEP]" ? 2 : 10 + Math.Min(900, _word.Length));
            _ = _word.Clear();
        }
    }
}
