using System.Text;
using System.Text.Json;
using Rmt.Adapter;
using Rmt.Bert;
using Rmt.Loaders;
using Rmt.Testing;
using TorchSharp;
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

    /// <summary>Such a model as a folder, its weights in bfloat16, made for detection. Its classifier is the caller's.</summary>
    public static DocumentClassifier Save(string folder, string training = """{"task":"detect","segments":7}""")
    {
        var classifier = Create();
        var words = "[PAD] [CLS] [SEP] [UNK] [MASK]".Split(' ').Concat(TaskWords.Known.Split(' ')).ToList();
        File.WriteAllLines(Path.Combine(Directory.CreateDirectory(folder).FullName, "vocab.txt"), words.Concat(Enumerable.Range(words.Count, Tiny.Vocabulary - words.Count).Select(i => $"other{i}")));
        File.WriteAllText(Path.Combine(folder, "config.json"), """
            {"model_type":"bert","vocab_size":60,"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":4,"intermediate_size":24,"max_position_embeddings":48,
             "type_vocab_size":2,"initializer_range":0.5,"hidden_dropout_prob":0.1,"attention_probs_dropout_prob":0.1,"hidden_act":"gelu","layer_norm_eps":1e-12}
            """);
        var config = new RmtConfig
        {
            TaskType = RmtConfig.Classification, MemoryTokens = 4, SegmentSize = 41, InputSize = 48, Labels = classifier.Labels.Names, Training = JsonDocument.Parse(training).RootElement,
        };
        _ = classifier.Model.to(bfloat16);
        RmtCheckpoint.Save(folder, classifier, ModelFolder.OpenAny(folder), config, backboneTrained: true);
        return classifier;
    }
}

/// <summary>A word or a sign is a token. Those of the tasks have ids of their own, others one of few.</summary>
internal sealed class TaskWords : ITokenizer
{
    public const string Known = "Mary John Daniel Sandra moved went back journeyed travelled to the bathroom hallway garden office bedroom kitchen Where is What The north south east west of . ?";
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
