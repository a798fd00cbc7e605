using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Loaders;

/// <summary>Tensors into safetensors files: <see cref="SafetensorsWriter"/> for whoever has tensors, not bytes.</summary>
public static class TensorWriter
{
    /// <summary>Bytes that are copied at once where a tensor cannot be written from where it is.</summary>
    private const long Part = 1L << 30;     // a span reaches 2 GB

    private static readonly Dictionary<string, string> Format = new() { ["format"] = "pt" };

    /// <summary>Creates or replaces a file, all or nothing; the bytes are those of <c>safetensors.torch.save_file</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">In any order, each name once; of any type the format has, of any layout, on any device. They stay the caller's.
    /// Those on a device are brought to the CPU one at a time, when their turn comes.</param>
    /// <param name="metadata">The file's own notes; <see langword="null"/>: <c>format: pt</c>, which readers in Python expect of a model.</param>
    /// <exception cref="NotSupportedException">A tensor's type is none of <see cref="Dtype"/>.</exception>
    public static void Write(string path, IEnumerable<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        SafetensorsWriter.Write(path, [.. tensors.Select(tensor => Source(tensor.Name, tensor.Value))], metadata ?? Format);

    /// <summary>The type a tensor's items have in a file.</summary>
    public static Dtype DtypeOf(Tensor tensor) => tensor.dtype switch
    {
        ScalarType.Float64 => Dtype.F64,
        ScalarType.Float32 => Dtype.F32,
        ScalarType.Float16 => Dtype.F16,
        ScalarType.BFloat16 => Dtype.BF16,
        ScalarType.Int64 => Dtype.I64,
        ScalarType.Int32 => Dtype.I32,
        ScalarType.Int16 => Dtype.I16,
        ScalarType.Int8 => Dtype.I8,
        ScalarType.Byte => Dtype.U8,
        ScalarType.Bool => Dtype.BOOL,
        var other => throw new NotSupportedException($"tensors of type {other} are not saved"),
    };

    private static TensorSource Source(string name, Tensor tensor) => new(name, DtypeOf(tensor), tensor.shape, stream => Write(tensor, stream));

    /// <summary>Writes a tensor's items as a file holds them, from whatever device: for <see cref="SafetensorsWriter.WriteInAnyOrder"/>.</summary>
    public static void Write(Tensor tensor, Stream stream)
    {
        using var scope = NewDisposeScope();
        var flat = tensor.detach().cpu().contiguous().view(-1);                         // [items]
        var most = Part / Math.Max(1, flat.element_size());
        for (var from = 0L; from < flat.shape[0]; from += most)
            stream.Write(flat.narrow(0, from, Math.Min(most, flat.shape[0] - from)).bytes);
    }
}
