using Rmt.Adapter;

namespace Rmt.Host.Reading;

/// <summary>A loaded classifier that reads many documents side by side, one segment of each at a time. Belongs to one thread.</summary>
internal interface IDocumentReader : IDisposable
{
    ITokenizer Tokenizer { get; }

    /// <summary>Documents that were added and are not read to their end.</summary>
    int Waiting { get; }

    /// <summary>Takes a document: its tokens without special tokens, none for an empty one. They are not copied and must stay as they are.</summary>
    /// <param name="document">How its readings are named; not used twice.</param>
    /// <param name="tokens">All that are to be read.</param>
    /// <returns>How many segments it has, at least one.</returns>
    int Add(int document, ReadOnlyMemory<int> tokens);

    /// <summary>Reads the next segment of as many documents as fit side by side.</summary>
    IReadOnlyList<Reading> Step();
}

/// <param name="Document">As given to <see cref="IDocumentReader.Add"/>.</param>
/// <param name="IsLast">The document is read: this is its answer.</param>
/// <param name="Prediction">What the model says of the document; before its last segment it need not be asked.</param>
internal readonly record struct Reading(int Document, bool IsLast, Prediction? Prediction);
