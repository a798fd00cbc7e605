using Rmt.Adapter;
using Rmt.Host.Reading;

namespace Rmt.Host.Tests.Doubles;

/// <summary>Reads 4 tokens a segment, those documents first that came first. A document is "odd" or "even" by its number of tokens; the ids it was given are kept.</summary>
internal sealed class CountingReader(int batch) : IDocumentReader
{
    public const int TokensPerSegment = 4;
    private static readonly LabelSet Labels = new(["even", "odd"]);
    private readonly List<(int Document, int[] Tokens, int Read)> _waiting = [];

    public ITokenizer Tokenizer { get; } = new WordTokenizer();

    public int Waiting => _waiting.Count;

    public List<int[]> Given { get; } = [];

    public List<int> RowsOfSteps { get; } = [];

    public int MostWaiting { get; private set; }

    public bool IsDisposed { get; private set; }

    /// <summary>Runs before every step.</summary>
    public Action BeforeStep { get; set; } = () => { };

    /// <summary>What the head says of a document with so many tokens.</summary>
    public Func<int, float[]> Logits { get; set; } = tokens => tokens % 2 == 0 ? [1, 0] : [0, 1];

    public int Add(int document, ReadOnlyMemory<int> tokens)
    {
        Given.Add(tokens.ToArray());
        _waiting.Add((document, tokens.ToArray(), 0));
        MostWaiting = Math.Max(MostWaiting, _waiting.Count);
        return Segments(tokens.Length);
    }

    public IReadOnlyList<Reading.Reading> Step()
    {
        BeforeStep();
        var readings = new List<Reading.Reading>();
        for (var i = 0; i < Math.Min(batch, _waiting.Count); i++)
        {
            var (document, tokens, read) = _waiting[i];
            _waiting[i] = (document, tokens, read + 1);
            readings.Add(new(document, read + 1 == Segments(tokens.Length), new(Labels, Logits(tokens.Length))));
        }
        _ = _waiting.RemoveAll(entry => entry.Read == Segments(entry.Tokens.Length));
        RowsOfSteps.Add(readings.Count);
        return readings;
    }

    public void Dispose() => IsDisposed = true;

    private static int Segments(int tokens) => Math.Max(1, (tokens + TokensPerSegment - 1) / TokensPerSegment);
}
