using System.Text;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // The file: number of tensors, then for each its name, as BinaryWriter writes it, and the tensor (TensorFormat).
        public abstract partial class Module
        {
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
                    writer.Write(key);
                    TensorFormat.Write(writer, tensor);
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
                    found.Add(key, TensorFormat.Read(reader, key));
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
        }
    }
}
