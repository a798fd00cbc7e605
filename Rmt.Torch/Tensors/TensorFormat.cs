namespace TorchSharp;

/// <summary>A tensor in a stream, as TorchSharp writes it: its type, number of dimensions, sizes and bytes; numbers in 7-bit groups.</summary>
internal static class TensorFormat
{
    private const long Part = 1 << 28;      // elements that go through memory at once

    internal static void Write(BinaryWriter writer, torch.Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        writer.Write7BitEncodedInt64((int)tensor.dtype);
        writer.Write7BitEncodedInt64(tensor.ndim);
        foreach (var size in tensor.shape) writer.Write7BitEncodedInt64(size);
        foreach (var part in Parts(tensor.detach().cpu().contiguous())) writer.Write(part.bytes);
    }

    /// <param name="reader">Stands before the tensor.</param>
    /// <param name="key">What is read, for the message.</param>
    /// <exception cref="FormatException">This is no tensor.</exception>
    /// <exception cref="EndOfStreamException">This is a part of one.</exception>
    internal static torch.Tensor Read(BinaryReader reader, string key)
    {
        var type = (torch.ScalarType)checked((sbyte)reader.Read7BitEncodedInt64());
        if (!Enum.IsDefined(type)) throw new FormatException($"'{key}' has the unknown type {(int)type}");
        var dimensions = reader.Read7BitEncodedInt64();
        if (dimensions is < 0 or > 64) throw new FormatException($"'{key}' has {dimensions} dimensions");
        var sizes = new long[dimensions];
        var bytes = SizeOf(type);
        for (var i = 0; i < sizes.Length; i++)
        {
            sizes[i] = reader.Read7BitEncodedInt64();
            if (sizes[i] < 0) throw new FormatException($"'{key}' has the size {sizes[i]}");
            bytes = checked(bytes * sizes[i]);
        }
        if (reader.BaseStream.CanSeek && bytes > reader.BaseStream.Length - reader.BaseStream.Position) throw new EndOfStreamException($"'{key}' is cut off");
        var tensor = torch.empty(sizes, type, torch.CPU);
        foreach (var part in Parts(tensor)) reader.BaseStream.ReadExactly(part.bytes);
        return tensor;
    }

    // Of a contiguous tensor: pieces that share its memory, each short enough for a span.
    internal static IEnumerable<torch.Tensor> Parts(torch.Tensor tensor)
    {
        using var own = tensor.detach();        // a parameter is written to as well
        using var flat = own.view(-1);
        for (var at = 0L; at < flat.numel(); at += Part)
        {
            using var part = flat.narrow(0, at, Math.Min(Part, flat.numel() - at));
            yield return part;
        }
    }

    internal static long SizeOf(torch.ScalarType type) => type switch
    {
        torch.ScalarType.Byte or torch.ScalarType.Int8 or torch.ScalarType.Bool => 1,
        torch.ScalarType.Int16 or torch.ScalarType.Float16 or torch.ScalarType.BFloat16 => 2,
        torch.ScalarType.Int32 or torch.ScalarType.Float32 => 4,
        torch.ScalarType.ComplexFloat64 => 16,
        _ => 8,
    };
}
