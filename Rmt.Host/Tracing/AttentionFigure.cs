using Rmt.Adapter;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Host.Tracing;

/// <summary>What of a window stands at a position.</summary>
internal enum Region
{
    Frame,
    Memory,
    Text,
}

/// <summary>A position of a window as a figure shows it.</summary>
/// <param name="Position">From 0.</param>
/// <param name="Token">Its token; of a memory slot [mem].</param>
/// <param name="Region">What it belongs to.</param>
internal sealed record WindowPosition(int Position, string Token, Region Region);

/// <summary>One map: row i holds what position i takes from every other.</summary>
/// <param name="Segment">From 0.</param>
/// <param name="Layer">From 0.</param>
/// <param name="Head">From 0; null is the mean of all.</param>
/// <param name="Positions">P: the rows and the columns.</param>
/// <param name="Values">P × P, row by row.</param>
internal sealed record AttentionPanel(int Segment, int Layer, int? Head, IReadOnlyList<WindowPosition> Positions, float[] Values);

/// <summary>Collects the maps that are to be drawn, cut to the positions that are shown: P × P numbers a map are held, nothing more.</summary>
/// <param name="segments">Those that are drawn.</param>
/// <param name="layers">Those that are drawn.</param>
/// <param name="heads">Those that are drawn; null draws the mean of all.</param>
/// <param name="positions">Rows and columns of every map; counted from the end of its own window, what a window lacks is left out.</param>
internal sealed class AttentionFigure(IReadOnlyList<int> segments, IReadOnlyList<int> layers, IReadOnlyList<int>? heads, Selection positions)
{
    public const int MostPositions = 96, MostPanels = 144;

    private readonly List<(int Segment, int Layer, int? Head, float[] Values)> _maps = [];
    private readonly Dictionary<int, IReadOnlyList<WindowPosition>> _windows = [];

    public IReadOnlyList<int> Segments => segments;


    /// <summary>How many maps it will have.</summary>
    public int Count => segments.Count * layers.Count * (heads?.Count ?? 1);

    public bool Draws(int segment) => segments.Contains(segment);

    public bool Draws(int segment, int layer) => Draws(segment) && layers.Contains(layer);

    /// <summary>Takes the maps of a layer.</summary>
    /// <param name="segment">From 0.</param>
    /// <param name="layer">From 0.</param>
    /// <param name="attention">[1, heads, L, L]</param>
    public void Take(int segment, int layer, Tensor attention)
    {
        using var scope = NewDisposeScope();
        var shown = tensor(positions.Within((int)attention.shape[^1]).Select(position => (long)position).ToArray(), device: attention.device);     // [P]
        var maps = attention[0].index_select(1, shown).index_select(2, shown).to(float32);                  // [heads, P, P]
        if (heads is null)
            _maps.Add((segment, layer, null, maps.mean([0]).cpu().data<float>().ToArray()));
        foreach (var head in heads ?? [])
            _maps.Add((segment, layer, head, maps[head].cpu().contiguous().data<float>().ToArray()));
    }

    /// <summary>Takes the tokens of a window.</summary>
    public void Take(SegmentTrace read, SegmentLayout layout, ITokenizer tokenizer)
    {
        using var scope = NewDisposeScope();
        var ids = read.InputIds.cpu().data<long>().ToArray();
        var (memory, text) = (layout.ReadMemory, layout.MemoryTokens + 2);
        _windows[read.Segment] = [.. positions.Within(ids.Length).Select(position =>
            position >= memory.Start.Value && position < memory.End.Value ? new WindowPosition(position, "[mem]", Region.Memory)
            : new WindowPosition(position, tokenizer.Token((int)ids[position]), position >= text && position < text + read.Tokens.Length ? Region.Text : Region.Frame))];
    }

    /// <summary>The maps, layer by layer and head by head, of each the segments in order.</summary>
    public IReadOnlyList<AttentionPanel> Panels() =>
        [.. _maps.OrderBy(map => map.Layer).ThenBy(map => map.Head).ThenBy(map => map.Segment)
            .Select(map => new AttentionPanel(map.Segment, map.Layer, map.Head, _windows[map.Segment], map.Values))];
}
