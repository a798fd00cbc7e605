namespace Rmt.Loaders;

/// <summary>The item types that are read and written, under the format's own names.</summary>
/// <remarks>
/// In the reference's order (safetensors, tensor.rs, enum Dtype), by growing alignment. The writer sorts by it, greatest first, so that every
/// tensor starts at a multiple of its item size. The reference's unsigned, 8-bit float and complex types, which no BERT uses, are refused by name.
/// </remarks>
public enum Dtype
{
    /// <summary>One byte, 0 or 1.</summary>
    BOOL,
    /// <summary>8-bit, unsigned.</summary>
    U8,
    /// <summary>8-bit, signed.</summary>
    I8,
    /// <summary>16-bit, signed.</summary>
    I16,
    /// <summary>IEEE half: 5 bits of exponent, 10 of fraction.</summary>
    F16,
    /// <summary>The upper half of an F32: 8 bits of exponent, 7 of fraction.</summary>
    BF16,
    /// <summary>32-bit, signed.</summary>
    I32,
    /// <summary>IEEE single.</summary>
    F32,
    /// <summary>IEEE double.</summary>
    F64,
    /// <summary>64-bit, signed.</summary>
    I64,
}

/// <summary>What the format says about its item types.</summary>
public static class DtypeFacts
{
    /// <summary>Bytes of one item.</summary>
    public static int ItemSize(this Dtype dtype) => dtype switch
    {
        Dtype.BOOL or Dtype.U8 or Dtype.I8 => 1,
        Dtype.I16 or Dtype.F16 or Dtype.BF16 => 2,
        Dtype.I32 or Dtype.F32 => 4,
        _ => 8,
    };

    /// <summary>Whether the items are real numbers, so that widening or narrowing them to another such type keeps their meaning.</summary>
    public static bool IsFloatingPoint(this Dtype dtype) => dtype is Dtype.F16 or Dtype.BF16 or Dtype.F32 or Dtype.F64;
}
