using System.Globalization;
using System.Text;
using Rmt.Adapter;
using Rmt.Host.Output;
using Rmt.Host.Reading;

namespace Rmt.Host.Generating;

/// <summary>Reads one text and goes on with it; what was made so far can be asked for at any time.</summary>
internal sealed class GenerateRun(DocumentLanguageModel model, Terminal terminal) : IDisposable
{
    private readonly RecurrentGenerator _generator = new(model.Model);
    private readonly StringBuilder _text = new();
    private readonly long _begun = terminal.Clock.GetTimestamp();
    private long _read;
    private int _made;

    /// <summary>Takes the text, part by part: it is never held.</summary>
    public void Read(IEnumerable<List<int>> parts, CancellationToken cancellation)
    {
        var progress = new ProgressLine(terminal, () => string.Create(CultureInfo.InvariantCulture, $"{_read} tokens read, {_generator.SegmentsRead} segments"));
        foreach (var ids in parts)
        {
            ids.RemoveAll(model.Tokenizer.Special.Contains);
            _generator.Read(ids.ToArray(), cancellation);
            _read += ids.Count;
            progress.Show();
        }
        progress.Clear();
        if (_read == 0)
            throw new UsageException("the text is empty, and nothing says what a text begins with; give it one word or more.");
    }

    /// <summary>Goes on with it.</summary>
    /// <param name="options">How.</param>
    /// <param name="write">Told of what follows as soon as it is certain.</param>
    /// <param name="cancellation">Ends the work between two tokens.</param>
    public void Generate(GenerationOptions options, Action<string> write, CancellationToken cancellation)
    {
        var decoding = Words.BeginDecoding();
        void Tell(string text)
        {
            if (text.Length == 0)
                return;
            _ = _text.Append(text);
            write(text);
        }
        try
        {
            foreach (var token in _generator.Generate(options, cancellation))
            {
                _made++;
                Tell(decoding.Append(token));
            }
        }
        finally
        {
            Tell(decoding.Complete());
        }
    }

    /// <summary>What there is by now.</summary>
    public GenerateRecord Record(string source) => new(source, _text.ToString(), _read, _generator.SegmentsRead + 1, _made, Math.Round(terminal.Clock.GetElapsedTime(_begun).TotalSeconds, 4));

    /// <summary>For stderr.</summary>
    public string Describe() => string.Create(CultureInfo.InvariantCulture, $"{_read} tokens read, {_made} made");

    private IDecodingTokenizer Words => model.Tokenizer as IDecodingTokenizer
        ?? throw new UsageException("the model's vocabulary cannot be turned back into text; byte-level BPE can, WordPiece cannot.");

    public void Dispose() => _generator.Dispose();
}
