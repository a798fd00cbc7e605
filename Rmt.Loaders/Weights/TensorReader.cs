using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Loaders;

/// <summary>Tensors out of checkpoints: bytes go from the file straight to the memory where they stay.</summary>
public static class TensorReader
{
    private const long Part = 1L << 30;     // a span reaches 2 GB

    /// <summary>The type a tensor of the file has here.</summary>
    public static ScalarType TypeOf(Dtype dtype) => dtype switch
    {
        Dtype.F64 => ScalarType.Float64,
        Dtype.F32 => ScalarType.Float32,
        Dtype.F16 => ScalarType.Float16,
        Dtype.BF16 => ScalarType.BFloat16,
        Dtype.I64 => ScalarType.Int64,
        Dtype.I32 => ScalarType.Int32,
        Dtype.I16 => ScalarType.Int16,
        Dtype.I8 => ScalarType.Int8,
        Dtype.U8 => ScalarType.Byte,
        Dtype.BOOL => ScalarType.Bool,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "no such type"),
    };

    /// <summary>A tensor as the file has it, on the CPU. The caller frees it.</summary>
    public static Tensor Read(this Checkpoint checkpoint, string name)
    {
        if (!checkpoint.TryFind(name, out var entry))
            throw new LoadException(checkpoint.Path, $"has no tensor {Quoted.Name(name)}; it has {checkpoint.Entries.Count}: {Quoted.List([.. checkpoint.Entries.Select(e => e.Name)], 5)}.");
        var tensor = empty([.. entry.Shape], TypeOf(entry.Dtype));
        try
        {
            Fill(tensor, checkpoint.FileOf(entry), entry);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Copies a tensor of the file into one of the same shape, of any type and on any device.</summary>
    internal static void CopyTo(this Checkpoint checkpoint, TensorEntry entry, Tensor target)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        if (target.dtype == TypeOf(entry.Dtype) && target.device_type == DeviceType.CPU && target.is_contiguous())
            Fill(target, checkpoint.FileOf(entry), entry);
        else
            target.copy_(checkpoint.Read(entry.Name));
    }

    private static void Fill(Tensor tensor, SafetensorsFile file, TensorEntry entry)
    {
        if (entry.Length <= Part)
        {
            file.CopyTo(entry, tensor.bytes);
            return;
        }
        using var scope = NewDisposeScope();
        var flat = tensor.view(-1);
        var items = Part / entry.Dtype.ItemSize();
        for (var from = 0L; from < entry.Items; from += items)
            file.CopyTo(entry, flat.narrow(0, from, Math.Min(items, entry.Items - from)).bytes, from * entry.Dtype.ItemSize());
    }
}
