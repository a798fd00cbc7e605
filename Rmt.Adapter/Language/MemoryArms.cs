using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>What memory is worth to a language model: its loss by segment, three times. With the memory that it carried; with the initial memory at every
/// segment; with the memory that another document left at the same place. In a first segment the three are one.</summary>
/// <remarks>Changes nothing, draws nothing.</remarks>
public sealed class MemoryArms
{
    private readonly RecurrentLanguageModel model;
    private readonly LanguageReader reader;
    private readonly Segmenter segmenter;
    private readonly SortedDictionary<int, SegmentLoss> segments = [];

    /// <param name="model">In evaluation mode afterwards.</param>
    /// <param name="segmenter">How documents are cut.</param>
    public MemoryArms(RecurrentLanguageModel model, Segmenter segmenter) =>
        (this.model, this.segmenter, reader) = (model, segmenter, new(model, segmenter, autocast: null));

    /// <summary>What was measured so far, by segment.</summary>
    public IReadOnlyList<SegmentLoss> Segments => [.. segments.Values];

    /// <summary>Documents to be read side by side, those of like lengths together; two at least, so that each has another one beside it.</summary>
    /// <exception cref="ArgumentException">Fewer than two documents.</exception>
    public static IReadOnlyList<ReadOnlyMemory<int>[]> Groups(IReadOnlyList<ReadOnlyMemory<int>> documents, int sideBySide)
    {
        if (documents.Count < 2) throw new ArgumentException($"another document's memory needs two documents or more, given is {documents.Count}", nameof(documents));
        var groups = documents.OrderBy(document => document.Length).Chunk(Math.Max(2, sideBySide)).ToList();
        if (groups is [.., var before, { Length: 1 } alone]) groups = [.. groups[..^2], [.. before, .. alone]];
        return groups;
    }

    /// <summary>Reads documents three times.</summary>
    /// <param name="documents">Two or more, content tokens of each.</param>
    public void Read(IReadOnlyList<ReadOnlyMemory<int>> documents)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        var initial = model.Adapter.InitialMemory(documents.Count).Tokens;                      // [B, m, H]
        var entering = new List<Tensor>();                                                      // a step: [B, m, H]
        Tensor Carried(int _, Tensor memory)
        {
            entering.Add(memory.alias().DetachFromDisposeScope());
            return memory;
        }
        try
        {
            reader.Read(documents, Carried, (_, score) => Add(score, one => one with { Documents = one.Documents + 1, Tokens = one.Tokens + score.Tokens, CarriedSum = one.CarriedSum + score.Loss }));
            reader.Read(documents, (_, _) => initial, (_, score) => Add(score, one => one with { ResetSum = one.ResetSum + score.Loss }));
            var all = cat(entering, dim: 0);                                                    // [T B, m, H]
            reader.Read(documents, (step, _) => all.index_select(0, Others(documents, step, entering.Count)), (_, score) => Add(score, one => one with { OtherSum = one.OtherSum + score.Loss }));
        }
        finally
        {
            foreach (var memory in entering) memory.Dispose();
        }
    }

    private void Add(SegmentScore score, Func<SegmentLoss, SegmentLoss> added) =>
        segments[score.Segment] = added(segments.GetValueOrDefault(score.Segment) ?? new(score.Segment + 1));

    // Whose memory of which step stands for a document's own: the next document's that is as long or longer, as it entered the same segment; where none is, the longest's last.
    private Tensor Others(IReadOnlyList<ReadOnlyMemory<int>> documents, int step, int steps)
    {
        var counts = documents.Select(document => segmenter.Split(document.Length).Count).ToArray();
        return tensor(Enumerable.Range(0, counts.Length).Select(row =>
        {
            var segment = Math.Max(0, step - (steps - counts[row]));
            var others = Enumerable.Range(1, counts.Length - 1).Select(far => (row + far) % counts.Length).ToList();
            var other = others.Cast<int?>().FirstOrDefault(one => counts[one!.Value] > segment) ?? others.MaxBy(one => counts[one]);
            var taken = steps - counts[other] + Math.Min(segment, counts[other] - 1);
            return (long)taken * counts.Length + other;
        }).ToArray(), device: model.Adapter.Device);                                            // [B]
    }
}

/// <summary>What a language model loses in the segments of one number, with each memory.</summary>
/// <param name="Segment">From 1.</param>
public sealed record SegmentLoss(int Segment)
{
    /// <summary>Documents that have such a segment.</summary>
    public long Documents { get; init; }

    /// <summary>Tokens of it that another follows, each counted in all three.</summary>
    public long Tokens { get; init; }

    /// <summary>Nats a token with the memory that was carried there.</summary>
    public double Carried => CarriedSum / Math.Max(1, Tokens);

    /// <summary>Nats a token with the initial memory.</summary>
    public double Reset => ResetSum / Math.Max(1, Tokens);

    /// <summary>Nats a token with another document's memory.</summary>
    public double Other => OtherSum / Math.Max(1, Tokens);

    internal double CarriedSum { get; init; }

    internal double ResetSum { get; init; }

    internal double OtherSum { get; init; }

    /// <summary>Several as one: the mean over all their tokens.</summary>
    /// <param name="segments">One or more; the first gives its number.</param>
    public static SegmentLoss Sum(IReadOnlyList<SegmentLoss> segments) => new(segments[0].Segment)
    {
        Documents = segments.Max(one => one.Documents),
        Tokens = segments.Sum(one => one.Tokens),
        CarriedSum = segments.Sum(one => one.CarriedSum),
        ResetSum = segments.Sum(one => one.ResetSum),
        OtherSum = segments.Sum(one => one.OtherSum),
    };
}
