using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rmt.Bert;

/// <summary>The head of families without a pooler: a dense layer of its own, then the outputs; saved as <c>classifier.dense.*</c> [H, H] and
/// <c>classifier.out_proj.*</c> [C, H]. [B, H] → [B, C].</summary>
public sealed class DenseHead : nn.Module<Tensor, Tensor>
{
    private readonly DenseHeadLayers classifier;

    /// <summary>Weights are drawn from N(0, initializer_range), biases are zero.</summary>
    /// <param name="config">Sizes and dropout.</param>
    /// <param name="labels">C.</param>
    /// <param name="activation">Between the two.</param>
    public DenseHead(BertConfig config, int labels, Func<Tensor, Tensor> activation) : base(nameof(DenseHead))
    {
        classifier = new(config, labels, activation);
        RegisterComponents();
        Blank.Draw(this, config.InitializerRange);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor pooled) => classifier.call(pooled);                   // [B, C]
}

internal sealed class DenseHeadLayers : nn.Module<Tensor, Tensor>
{
    private readonly Linear dense;
    private readonly Linear out_proj;
    private readonly Dropout dropout;
    private readonly Func<Tensor, Tensor> activation;

    internal DenseHeadLayers(BertConfig config, int labels, Func<Tensor, Tensor> activation) : base(nameof(DenseHeadLayers))
    {
        dense = Blank.Linear(config.HiddenSize, config.HiddenSize);
        out_proj = Blank.Linear(config.HiddenSize, labels);
        dropout = nn.Dropout(config.ClassifierDropout ?? config.HiddenDropout);
        this.activation = activation;
        RegisterComponents();
    }

    public override Tensor forward(Tensor pooled)
    {
        using var scope = NewDisposeScope();
        var x = dropout.call(activation(dense.call(dropout.call(pooled))));                     // [B, H]
        return out_proj.call(x).MoveToOuterDisposeScope();                                      // [B, C]
    }
}
