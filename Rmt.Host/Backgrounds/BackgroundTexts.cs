using System.Security.Cryptography;
using Rmt.Adapter;
using Rmt.Host.Input;

namespace Rmt.Host.Backgrounds;

/// <summary>Background for the memory tasks from a user's text: a text file, a folder, or a *.jsonl file of documents, QuALITY's among them.</summary>
/// <remarks>A *.jsonl file gives one of its documents from its beginning, as the paper's authors take them from QuALITY. A text file is read from a place that
/// the seed chooses, round its end to that place again; in a folder the seed chooses among all bytes of its files. Texts are never held whole.</remarks>
internal sealed class BackgroundTexts
{
    private readonly string _path;
    private readonly IReadOnlyList<string> _paths;
    private readonly IReadOnlyList<IBackgroundFile> _files;
    private readonly long _weight;

    private BackgroundTexts(string path, IReadOnlyList<string> paths, IReadOnlyList<IBackgroundFile> files) => (_path, _paths, _files, _weight) = (path, paths, files, files.Sum(file => file.Bytes));

    /// <summary>Looks at what there is.</summary>
    /// <param name="path">A file or folder.</param>
    /// <exception cref="InputException">Not there, without text, or a line of a *.jsonl file that holds no document.</exception>
    public static BackgroundTexts Open(string path)
    {
        try
        {
            List<string> files = Directory.Exists(path) ? Inputs.InOrder(path) : [path];
            if (files.Count == 0)
                throw new InputException($"{path}: the folder holds no *.txt and no *.jsonl");
            var texts = new BackgroundTexts(path, files, [.. files.Select(Of)]);
            return texts._weight > 0 ? texts : throw new InputException($"{path}: there is no text in it");
        }
        catch (Exception error) when (error is not InputException && DocumentSource.IsUnreadable(error))
        {
            throw new InputException($"{path}: {error.Message}");
        }
    }

    /// <summary>The text of a seed, from its beginning.</summary>
    /// <exception cref="InputException">It cannot be read, now or while reading.</exception>
    public TextReader Read(ulong seed)
    {
        var dice = new SplitMix64(seed);
        var at = dice.Next(_weight);
        var i = 0;
        for (; at >= _files[i].Bytes; i++)
            at -= _files[i].Bytes;
        return _files[i].Read(dice);
    }

    /// <summary>The texts in a vocabulary.</summary>
    public IBackground In(ITokenizer tokenizer) => new Named(_path, new TextBackground(tokenizer, Read));

    /// <summary>Tells these texts from others, by all that is in their files: they are read for it once more, and not held.</summary>
    /// <exception cref="InputException">One cannot be read.</exception>
    public byte[] Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in _paths)
            hash.AppendData(HashOf(path));
        return hash.GetHashAndReset();
    }

    private static byte[] HashOf(string path)
    {
        try
        {
            using var file = Inputs.Open(path);
            return SHA256.HashData(file);
        }
        catch (Exception error) when (DocumentSource.IsUnreadable(error))
        {
            throw new InputException($"{path}: {error.Message}");
        }
    }

    private static IBackgroundFile Of(string path) => path.EndsWith(".jsonl", StringComparison.Ordinal) ? DocumentLines.Index(path) : RoundText.Open(path);

    // What is wrong with a text is told with its name.
    private sealed class Named(string path, TextBackground background) : IBackground
    {
        public void Fill(ulong seed, Span<int> tokens)
        {
            try
            {
                background.Fill(seed, tokens);
            }
            catch (InvalidDataException error)
            {
                throw new InputException($"{path}: {error.Message}");
            }
        }
    }
}

/// <summary>A file that backgrounds come from.</summary>
internal interface IBackgroundFile
{
    /// <summary>How often it is chosen among others.</summary>
    long Bytes { get; }

    /// <summary>A text of it.</summary>
    TextReader Read(SplitMix64 dice);
}
