namespace Rmt.Adapter;

/// <summary>How a model whose activation is <c>gelu</c> computes it while reading on a device. Learning, and models of another activation, do not ask.</summary>
public enum GeluForm
{
    /// <summary>The erf form, which the model was trained with.</summary>
    Exact,

    /// <summary>The tanh form, in the epilogue of the product before it: at most 4.7e-4 off, and no pass over memory of its own.</summary>
    Fast,
}
