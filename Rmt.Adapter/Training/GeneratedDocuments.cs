using System.Collections;

namespace Rmt.Adapter;

/// <summary>Documents that are made when they are asked for, on any thread: a trainer has those of the next update made while it computes.</summary>
/// <param name="count">How many there are; a billion cost nothing.</param>
/// <param name="make">The document of an index, always the same for the same index; asked from several threads at once.</param>
public sealed class GeneratedDocuments(int count, Func<int, TrainingDocument> make) : IReadOnlyList<TrainingDocument>
{
    /// <inheritdoc/>
    public int Count => count;

    /// <inheritdoc/>
    public TrainingDocument this[int index] => make(index);

    /// <summary>Several, made side by side, in the order asked for.</summary>
    public TrainingDocument[] Make(IEnumerable<int> indices) => [.. indices.AsParallel().AsOrdered().Select(make)];

    /// <inheritdoc/>
    public IEnumerator<TrainingDocument> GetEnumerator() => Enumerable.Range(0, count).Select(make).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
