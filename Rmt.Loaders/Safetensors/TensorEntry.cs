namespace Rmt.Loaders;

/// <summary>One tensor of a safetensors file, as its header describes it.</summary>
/// <param name="Name">Its key in the header.</param>
/// <param name="Dtype">The type of its items.</param>
/// <param name="Shape">Sizes of its dimensions; empty for a scalar.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">The byte behind its last.</param>
public sealed record TensorEntry(string Name, Dtype Dtype, IReadOnlyList<long> Shape, long Begin, long End)
{
    /// <summary>Bytes.</summary>
    public long Length => End - Begin;

    /// <summary>How many items the shape makes. Throws <see cref="OverflowException"/> where no long holds it.</summary>
    public long Items => ItemsOf(Shape);

    /// <summary>The product of the sizes.</summary>
    public static long ItemsOf(IReadOnlyList<long> shape)
    {
        // A size of 0 counts as 1 until the end: otherwise [0, 2^40, 2^40] would pass and overflow later, in strides.
        var items = shape.Aggregate(1L, (product, size) => checked(product * Math.Max(size, 1)));
        return shape.Contains(0) ? 0 : items;
    }
}
