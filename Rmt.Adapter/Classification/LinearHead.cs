using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rmt.Adapter;

/// <summary>Dropout and one linear layer, saved as <c>classifier.weight</c> [C, H] and <c>classifier.bias</c> [C]: BERT's head, and that of a backbone that names
/// no other. [B, H] → [B, C].</summary>
public sealed class LinearHead : nn.Module<Tensor, Tensor>
{
    private readonly Dropout dropout;
    private readonly Linear classifier;

    /// <summary>Weights are drawn from N(0, <paramref name="std"/>), biases are zero.</summary>
    /// <param name="hiddenSize">H.</param>
    /// <param name="labels">C.</param>
    /// <param name="std">Standard deviation of the weights.</param>
    /// <param name="dropout">Before the layer, while training.</param>
    public LinearHead(int hiddenSize, int labels, double std, double dropout = 0.1) : base(nameof(LinearHead))
    {
        this.dropout = nn.Dropout(dropout);
        classifier = nn.Linear(hiddenSize, labels);
        nn.init.normal_(classifier.weight, 0, std);
        nn.init.zeros_(classifier.bias!);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor pooled)
    {
        using var scope = NewDisposeScope();
        return classifier.call(dropout.call(pooled)).MoveToOuterDisposeScope();                 // [B, C]
    }
}
