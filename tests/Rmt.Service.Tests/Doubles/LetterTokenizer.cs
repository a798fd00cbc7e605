using Rmt.Adapter;
using Rmt.Testing;

namespace Rmt.Service.Tests.Doubles;

/// <summary>A word is a token, told by its first letter and its length; a word that begins with <c>!</c> is one that no model has, and a step with it fails.</summary>
internal sealed class LetterTokenizer : ITokenizer
{
    public SpecialTokens Special => Tiny.Special;

    public int VocabularySize => Tiny.Vocabulary;

    public int LastCut(ReadOnlySpan<char> text) => text.LastIndexOfAny(" \n") + 1;

    public string Token(int id) => $"t{id}";

    public ITokenization Begin() => new Words();

    private sealed class Words : ITokenization
    {
        private int _length, _first;

        public void Append(ReadOnlySpan<char> text, List<int> ids)
        {
            foreach (var letter in text)
            {
                if (char.IsWhiteSpace(letter))
                    Complete(ids);
                else if (_length++ == 0)
                    _first = letter;
            }
        }

        public void Complete(List<int> ids)
        {
            if (_length > 0)
                ids.Add(_first == '!' ? Tiny.Vocabulary + 7 : 3 + (7 * _first + _length) % (Tiny.Vocabulary - 3));
            _length = 0;
        }
    }
}
