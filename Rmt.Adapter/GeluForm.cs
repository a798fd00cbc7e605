namespace Rmt.Adapter;

/// <summary>How a model whose activation is <c>gelu</c> computes it while it reads on a device. Models whose activation is the tanh form (<c>gelu_new</c>) have no choice.</summary>
public enum GeluForm
{
    /// <summary>x Φ(x), by erf: as the model was trained.</summary>
    Exact,

    /// <summary>The tanh form, taken within the product in front of it: at most 4.7e-4 off, and no pass over the numbers of its own.</summary>
    Fast,
}
