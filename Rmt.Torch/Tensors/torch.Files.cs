using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Writes one tensor as libtorch's own archive.</summary>
    public static void save(Tensor t, string location) => t.save(location);

    /// <summary>Reads what <see cref="save"/> or libtorch's <c>torch::save</c> wrote; it comes to the device it was on.</summary>
    /// <exception cref="TorchException">There is no such file, or it is no such archive.</exception>
    public static Tensor load(string location) => Tensor.load(location);

    public partial class Tensor
    {
        /// <inheritdoc cref="torch.save"/>
        public void save(string location) => ErrorSlot.Check(NativeMethods.rmt_save(NativeHandle, location));

        /// <inheritdoc cref="torch.load"/>
        public static Tensor load(string location) => Own(NativeMethods.rmt_load(location));

        /// <summary>Writes the elements as bytes, in memory order; also of a tensor that <see cref="bytes"/> does not reach.</summary>
        /// <param name="stream">Takes them.</param>
        /// <param name="bufferSize">Bytes that are handed over at once.</param>
        /// <exception cref="InvalidOperationException">Not contiguous, or not on the CPU.</exception>
        public void WriteBytesToStream(Stream stream, int bufferSize = 1024)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(bufferSize, 1);
            foreach (var part in Straight())
                for (var at = 0; at < part.bytes.Length; at += bufferSize)
                    stream.Write(part.bytes[at..Math.Min(part.bytes.Length, at + bufferSize)]);
        }

        /// <summary>Fills the tensor with bytes, in memory order.</summary>
        /// <param name="stream">Gives them.</param>
        /// <param name="bufferSize">Bytes that are asked for at once.</param>
        /// <exception cref="EndOfStreamException">The stream ends before the tensor is full.</exception>
        /// <exception cref="InvalidOperationException">Not contiguous, or not on the CPU.</exception>
        public void ReadBytesFromStream(Stream stream, int bufferSize = 1024)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(bufferSize, 1);
            foreach (var part in Straight())
                for (var at = 0; at < part.bytes.Length; at += bufferSize)
                    stream.ReadExactly(part.bytes[at..Math.Min(part.bytes.Length, at + bufferSize)]);
        }

        private IEnumerable<Tensor> Straight() => is_contiguous() && device_type == DeviceType.CPU ? TensorFormat.Parts(this)
            : throw new InvalidOperationException($"bytes in memory order need a contiguous tensor on the CPU; this one is {this}: take .cpu().contiguous() first");
    }
}
