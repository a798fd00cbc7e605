using TorchSharp.Interop;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>y = x Wᵀ + b.</summary>
public sealed class Linear : nn.Module<Tensor, Tensor>
{
    internal Linear(Parameter weight, Parameter? bias) : base(nameof(Linear))
    {
        this.weight = weight;
        this.bias = bias;
    }

    /// <summary>[out, in]. Another one takes its place under the same name; the old one stays its owner's.</summary>
    public Parameter weight { get; set => field = Replace(nameof(weight), value ?? throw new ArgumentNullException(nameof(value)))!; }

    /// <summary>[out], or none.</summary>
    public Parameter? bias { get; set => field = Replace(nameof(bias), value); }

    public long in_features => weight.shape[1];

    public long out_features => weight.shape[0];

    public override Tensor forward(Tensor input) => nn.functional.linear(input, weight, bias);
}

/// <summary>Rows of a table by number.</summary>
public sealed class Embedding : nn.Module<Tensor, Tensor>
{
    private readonly long padding;
    private readonly double? longest;       // rows are shortened to this norm when they are read
    private readonly double norm;
    private readonly bool scaled, sparse;

    internal Embedding(Parameter weight, long padding, double? longest, double norm, bool scaled, bool sparse) : base(nameof(Embedding)) =>
        (this.weight, this.padding, this.longest, this.norm, this.scaled, this.sparse) = (weight, padding, longest, norm, scaled, sparse);

    /// <summary>[rows, width]. Another one takes its place under the same name; the old one stays its owner's.</summary>
    public Parameter weight { get; set => field = Replace(nameof(weight), value ?? throw new ArgumentNullException(nameof(value)))!; }

    public override Tensor forward(Tensor input)
    {
        if (longest is { } limit) ErrorSlot.Check(NativeMethods.rmt_embedding_renorm_(weight.NativeHandle, input.NativeHandle, limit, norm));
        return Tensor.Own(NativeMethods.rmt_embedding(weight.NativeHandle, input.NativeHandle, padding, scaled ? 1 : 0, sparse ? 1 : 0));
    }
}

/// <summary>Mean 0 and variance 1 over the last dimensions, then a learned scale and shift.</summary>
public sealed class LayerNorm : nn.Module<Tensor, Tensor>
{
    private readonly long[] normalized_shape;
    private readonly double eps;

    internal LayerNorm(long[] normalized_shape, double eps, Parameter? weight, Parameter? bias) : base(nameof(LayerNorm))
    {
        (this.normalized_shape, this.eps, this.weight, this.bias) = (normalized_shape, eps, weight, bias);
    }

    /// <summary>The scale, of the normalized shape, or none. Another one takes its place; the old one stays its owner's.</summary>
    public Parameter? weight { get; set => field = Replace(nameof(weight), value); }

    /// <summary>The shift, or none.</summary>
    public Parameter? bias { get; set => field = Replace(nameof(bias), value); }

    public override Tensor forward(Tensor tensor) => nn.functional.layer_norm(tensor, normalized_shape, weight, bias, eps);
}

/// <summary>Zeroes elements with probability p while training, and scales the rest by 1 / (1 − p).</summary>
public sealed class Dropout : nn.Module<Tensor, Tensor>
{
    private readonly bool inplace;

    internal Dropout(double p, bool inplace) : base(nameof(Dropout)) => (this.p, this.inplace) = (p, inplace);

    public double p { get; set; }

    public override Tensor forward(Tensor input) => nn.functional.dropout(input, p, training, inplace);
}

public sealed class GELU : nn.Module<Tensor, Tensor>
{
    internal GELU() : base(nameof(GELU)) { }

    public override Tensor forward(Tensor input) => nn.functional.gelu(input);
}

public sealed class Tanh : nn.Module<Tensor, Tensor>
{
    internal Tanh() : base(nameof(Tanh)) { }

    public override Tensor forward(Tensor input) => input.tanh();
}

public sealed class ReLU : nn.Module<Tensor, Tensor>
{
    private readonly bool inplace;

    internal ReLU(bool inplace) : base(nameof(ReLU)) => this.inplace = inplace;

    public override Tensor forward(Tensor input) => nn.functional.relu(input, inplace);
}

public sealed class Identity : nn.Module<Tensor, Tensor>
{
    internal Identity() : base(nameof(Identity)) { }

    public override Tensor forward(Tensor input) => input.alias();
}

public sealed class CrossEntropyLoss : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly long ignored;
    private readonly nn.Reduction reduction;

    internal CrossEntropyLoss(Tensor? weight, long? ignore_index, nn.Reduction reduction) : base(nameof(CrossEntropyLoss))
    {
        (this.weight, ignored, this.reduction) = (weight, ignore_index ?? -100, reduction);
        RegisterComponents();
    }

    public Tensor? weight { get; }

    public override Tensor forward(Tensor input, Tensor target) => nn.functional.cross_entropy(input, target, weight, ignored, reduction);
}
