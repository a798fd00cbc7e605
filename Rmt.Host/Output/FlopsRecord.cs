using Rmt.Adapter;

namespace Rmt.Host.Output;

/// <summary>What reading a document of one length costs one model.</summary>
/// <param name="Model">Its name.</param>
/// <param name="Tokens">The document's length.</param>
/// <param name="Segments">Windows that the RMT reads.</param>
/// <param name="FullFlops">When every token sees the whole document.</param>
/// <param name="RmtFlops">When it is read segment by segment.</param>
/// <param name="Ratio">The first by the second.</param>
internal sealed record FlopsRecord(string Model, long Tokens, long Segments, double FullFlops, double RmtFlops, double Ratio) : IRecord
{
    public static FlopsRecord Of(string model, RecurrentCost cost, long tokens) =>
        new(model, tokens, cost.Segments(tokens), cost.Shape.Flops(tokens), cost.Flops(tokens), cost.Ratio(tokens));
}
