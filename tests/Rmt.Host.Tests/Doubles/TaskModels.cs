using System.Text;
using Rmt.Adapter;
using Rmt.Bert;
using Rmt.Testing;
using static TorchSharp.torch;

namespace Rmt.Host.Tests.Doubles;

/// <summary>Small random models that know the words of the memory tasks; 41 tokens a segment.</summary>
internal static class TaskModels
{
    public static DocumentClassifier Create(IEnumerable<string>? labels = null, int seed = 7, int window = 48)
    {
        random.manual_seed(seed);
        var config = Tiny.Bert with { MaxPositions = window, InitializerRange = 0.5 };
        var layout = new SegmentLayout(window, 4, Tiny.Special);
        var names = (labels ?? MovingFacts.Labels.Names).ToList();
        var model = new RecurrentClassifier(new(new BertBackbone(new BertModel(config)), layout), names.Count);
        return new(new TaskWords(), new Segmenter(layout), model, new(names));
    }
}

/// <summary>A word or a sign is a token. Those of the tasks have ids of their own, others one of few.</summary>
internal sealed class TaskWords : ITokenizer
{
    private const string Known = "Mary John Daniel Sandra moved went back journeyed travelled to the bathroom hallway garden office bedroom kitchen Where is What The north south east west of . ?";
    private const int First = 3;

    private static readonly List<string> Words = [.. Known.Split(' ')];

    public SpecialTokens Special { get; } = new(0, 1, 2);

    public int VocabularySize => Tiny.Vocabulary;

    public string Token(int id) => id - First < Words.Count ? Words[id - First] : $"other{id}";

    public ITokenization Begin() => new Tokenization();

    private static int Id(string word) => Words.IndexOf(word) is >= 0 and var known ? First + known : First + Words.Count + word.Sum(letter => letter) % (Tiny.Vocabulary - First - Words.Count);

    private sealed class Tokenization : ITokenization
    {
        private readonly StringBuilder _word = new();

        public void Append(ReadOnlySpan<char> text, List<int> ids)
        {
            foreach (var letter in text)
            {
                if (char.IsWhiteSpace(letter) || letter is '.' or '?' or ',')
                    Complete(ids);
                if (letter is '.' or '?' or ',')
                    ids.Add(Id(letter.ToString()));
                else if (!char.IsWhiteSpace(letter))
                    _ = _word.Append(letter);
            }
        }

        public void Complete(List<int> ids)
        {
            if (_word.Length > 0)
                ids.Add(Id(_word.ToString()));
            _ = _word.Clear();
        }
    }
}
