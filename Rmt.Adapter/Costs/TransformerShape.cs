namespace Rmt.Adapter;

/// <summary>The sizes of a transformer that its cost depends on.</summary>
/// <param name="Layers">L.</param>
/// <param name="HiddenSize">d.</param>
/// <param name="Heads">Attention heads of a layer, H.</param>
/// <param name="IntermediateSize">Width inside the feed-forward part, f.</param>
/// <param name="VocabularySize">V: outputs for every token. 0 for a model that predicts no tokens, such as a classifier.</param>
public sealed record TransformerShape(int Layers, int HiddenSize, int Heads, int IntermediateSize, int VocabularySize)
{
    /// <summary>Floating-point operations of one forward pass over a sequence that every token sees whole.</summary>
    /// <remarks><c>F(S) = L (S (8 d² + 4 d f) + S² (4 d + 10 H)) + 2 S d V</c>: queries, keys, values and output 8 d²; the feed-forward part 4 d f; scores
    /// and weighted values 4 d S²; scaling and softmax 10 H S²; the predictions 2 S d V. It gives all curves of figure 3 of arXiv 2304.11062.
    /// That paper follows Hoffmann et al., appendix F (arXiv 2203.15556), which counts 3 H S² and the look-up of embeddings, 2 S V d, instead.</remarks>
    /// <param name="tokens">S, 0 or more.</param>
    public double Flops(long tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        double s = tokens, d = HiddenSize;
        return Layers * (s * (8 * d * d + 4 * d * IntermediateSize) + s * s * (4 * d + 10 * Heads)) + 2 * s * d * VocabularySize;
    }
}
