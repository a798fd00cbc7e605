using Rmt.Bert;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rmt.Benchmarks;

/// <summary>BERT as it is usually fine-tuned: pooler, dropout, linear layer, on each window by itself.</summary>
internal sealed class WindowClassifier : nn.Module<Tensor, Tensor?, Tensor>
{
    private readonly BertModel bert;
    private readonly Dropout dropout;
    private readonly Linear classifier;

    public WindowClassifier(BertModel bert, int labels) : base(nameof(WindowClassifier))
    {
        this.bert = bert;
        dropout = nn.Dropout(bert.Config.ClassifierDropout ?? bert.Config.HiddenDropout);
        classifier = nn.Linear(bert.Config.HiddenSize, labels);
        nn.init.normal_(classifier.weight, 0, bert.Config.InitializerRange);
        nn.init.zeros_(classifier.bias!);
        RegisterComponents();
    }

    /// <summary>[W, L] int64, [W, L] bool → [W, C].</summary>
    public override Tensor forward(Tensor ids, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var hidden = bert.call(bert.Words(ids), mask, ..1);                                     // [W, 1, H]
        return classifier.call(dropout.call(bert.Pool(hidden))).MoveToOuterDisposeScope();      // [W, C]
    }

    /// <summary>Whether a parameter is the backbone's.</summary>
    public static bool IsOfBackbone(string name) => name.StartsWith("bert.", StringComparison.Ordinal);
}
