using System.Text;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // The file: number of tensors, then for each its name, type, dimensions, sizes and bytes; numbers in 7-bit groups, names as BinaryWriter writes them.
        public abstract partial class Module
        {
            private const long Part = 1 << 28;      // elements that go through memory at once

            /// <summary>Writes the state to a file.</summary>
            public Module save(string location)
            {
                using var stream = File.Create(location);
                return save(stream);
            }

            public Module save(Stream stream)
            {
                using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
                return save(writer);
            }

            public virtual Module save(BinaryWriter writer)
            {
                var state = state_dict();
                writer.Write7BitEncodedInt64(state.Count);
                foreach (var (key, tensor) in state)
                {
                    using var scope = NewDisposeScope();
                    writer.Write(key);
                    writer.Write7BitEncodedInt64((int)tensor.dtype);
                    writer.Write7BitEncodedInt64(tensor.ndim);
                    foreach (var size in tensor.shape) writer.Write7BitEncodedInt64(size);
                    foreach (var part in Parts(tensor.detach().cpu().contiguous())) writer.Write(part.bytes);
                }
                writer.Flush();
                return this;
            }

            /// <summary>Reads a state that <see cref="save(string)"/> wrote. Where something does not fit, nothing is changed.</summary>
            /// <param name="location">The file.</param>
            /// <param name="strict">Whether names that are missing or unknown are refused.</param>
            /// <param name="skip">Names to leave alone.</param>
            /// <param name="loadedParameters">Takes, for every name of this module, whether it was in the file.</param>
            /// <exception cref="InvalidDataException">This is no such file, or a part of one.</exception>
            /// <exception cref="ArgumentException">Names or shapes differ.</exception>
            public Module load(string location, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                using var stream = File.OpenRead(location);
                return load(stream, strict, skip, loadedParameters);
            }

            public Module load(Stream stream, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
                return load(reader, strict, skip, loadedParameters);
            }

            public virtual Module load(BinaryReader reader, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                using var scope = NewDisposeScope();
                Dictionary<string, Tensor> found;
                try
                {
                    found = Read(reader);
                }
                catch (Exception cause) when (cause is EndOfStreamException or FormatException or ArgumentException or OverflowException)
                {
                    throw new InvalidDataException($"{name}: this is no saved state of a module, or a part of one: {cause.Message}", cause);
                }
                _ = load_state_dict(found, strict, skip);
                if (loadedParameters is not null)
                    foreach (var key in state_dict().Keys) loadedParameters[key] = found.ContainsKey(key) && skip?.Contains(key) != true;
                return this;
            }

            private static Dictionary<string, Tensor> Read(BinaryReader reader)
            {
                var found = new Dictionary<string, Tensor>();
                for (var left = reader.Read7BitEncodedInt64(); left > 0; left--)
                {
                    var key = Name(reader);
                    var type = (ScalarType)checked((sbyte)reader.Read7BitEncodedInt64());
                    if (!Enum.IsDefined(type)) throw new FormatException($"'{key}' has the unknown type {(int)type}");
                    var dimensions = reader.Read7BitEncodedInt64();
                    if (dimensions is < 0 or > 64) throw new FormatException($"'{key}' has {dimensions} dimensions");
                    var sizes = new long[dimensions];
                    var bytes = Tensor.SizeOf(type);
                    for (var i = 0; i < sizes.Length; i++)
                    {
                        sizes[i] = reader.Read7BitEncodedInt64();
                        if (sizes[i] < 0) throw new FormatException($"'{key}' has the size {sizes[i]}");
                        bytes = checked(bytes * sizes[i]);
                    }
                    if (reader.BaseStream.CanSeek && reader.BaseStream.CanSeek && bytes > reader.BaseStream.Length - reader.BaseStream.Position)
                        throw new EndOfStreamException($"'{key}' is cut off");
                    var tensor = empty(sizes, type);
                    foreach (var part in Parts(tensor)) reader.BaseStream.ReadExactly(part.bytes);
                    found.Add(key, tensor);
                }
                return found;
            }

            // BinaryReader.ReadString, which answers a bad length as if the disk had failed.
            private static string Name(BinaryReader reader)
            {
                var length = reader.Read7BitEncodedInt();
                if (length is < 0 or > ushort.MaxValue) throw new FormatException($"a name of {length} bytes");
                var bytes = reader.ReadBytes(length);
                return bytes.Length == length ? Encoding.UTF8.GetString(bytes) : throw new EndOfStreamException("a name is cut off");
            }

            private static IEnumerable<Tensor> Parts(Tensor tensor)
            {
                var flat = tensor.view(-1);
                for (var at = 0L; at < flat.numel(); at += Part)
                {
                    using var part = flat.narrow(0, at, Math.Min(Part, flat.numel() - at));
                    yield return part;
                }
            }
        }
    }

    public partial class Tensor
    {
        internal static long SizeOf(ScalarType type) => type switch
        {
            ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool => 1,
            ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
            ScalarType.Int32 or ScalarType.Float32 => 4,
            ScalarType.ComplexFloat64 => 16,
            _ => 8,
        };
    }
}
