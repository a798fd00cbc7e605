using System.Buffers.Binary;

namespace Rmt.Loaders.Tests.Mutations;

/// <summary>Changes one thing in a safetensors file: its length, its header as JSON, its tensors with a header that fits them, or its bytes.</summary>
internal static class SafetensorsMutator
{
    private static readonly long[] Sizes = [0, 1, 2, 7, 8, 9, 64, 1L << 31, 1L << 32, 1L << 61, long.MaxValue];

    public static (byte[] File, string Change) Change(byte[] file, Random random)
    {
        var (header, json) = Split(file);
        if (header is null)
            return ([.. file, 0], "a byte more");
        var data = file[(8 + json.Length)..];
        switch (random.Next(10))
        {
            case 0 or 1 or 2:
                var (changed, change) = JsonMutator.Change(json, random);
                return (Join(changed, data), $"header: {change}");
            case 3: return (Join(json, data[..random.Next(data.Length + 1)]), "data cut off");
            case 4: return (Join(json, [.. data, .. new byte[random.Next(1, 9)]]), "more data");
            case 5: return (Length(file, random), "another length");
            case 6:
                var bytes = (byte[])data.Clone();
                for (var i = random.Next(Math.Max(1, bytes.Length)); i < bytes.Length; i++)
                    bytes[i] = 0xFF;      // NaN in every type
                return (Join(json, bytes), "not numbers");
            case 7: return (Entry(header, data, random), "an entry that does not fit");
            default: return (Tensors(header, data, random), "other tensors");
        }
    }

    private static (SafetensorsHeader? Header, byte[] Json) Split(byte[] file)
    {
        try
        {
            var json = file[8..(8 + SafetensorsHeader.JsonLength("x", file, file.Length))];
            return (SafetensorsHeader.Parse("x", json, file.Length), json);
        }
        catch (Exception error) when (error is LoadException or ArgumentException)
        {
            return (null, []);     // broken by an earlier change
        }
    }

    private static byte[] Join(byte[] json, byte[] data)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        return [.. length, .. json, .. data];
    }

    private static byte[] Length(byte[] file, Random random)
    {
        var changed = (byte[])file.Clone();
        var length = BinaryPrimitives.ReadInt64LittleEndian(file);
        long[] others = [0, 1, length - 1, length + 1, length - 8, length + 8, file.Length, file.Length - 8, 100_000_000, 100_000_001, long.MaxValue, -1];
        BinaryPrimitives.WriteInt64LittleEndian(changed, others[random.Next(others.Length)]);
        return changed;
    }

    // Offsets, type or shape of one tensor, as JSON that is right.
    private static byte[] Entry(SafetensorsHeader header, byte[] data, Random random)
    {
        var entries = header.Entries.ToList();
        var at = random.Next(entries.Count);
        var entry = entries[at];
        entries[at] = random.Next(6) switch
        {
            0 => entry with { Begin = entry.Begin + random.Next(-4, 5) },
            1 => entry with { End = entry.End + random.Next(-4, 5) },
            2 => entry with { Begin = entries[random.Next(entries.Count)].Begin, End = entries[random.Next(entries.Count)].End },
            3 => entry with { Dtype = (Dtype)random.Next(10) },
            4 => entry with { Shape = [.. entry.Shape.Reverse()] },
            _ => entry with { Shape = [.. entry.Shape.Take(random.Next(3)), .. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Sizes[random.Next(Sizes.Length)])] },
        };
        var start = SafetensorsHeaderJson.Write(entries, header.Metadata);
        return [.. start, .. data];
    }

    // A good file, but not the one that the model needs: a tensor more or less, of another name, type or shape.
    private static byte[] Tensors(SafetensorsHeader header, byte[] data, Random random)
    {
        var tensors = header.Entries.Select(entry => (Entry: entry, Bytes: data[(int)entry.Begin..(int)entry.End])).ToList();
        var at = random.Next(tensors.Count);
        var (one, bytes) = tensors[at];
        switch (random.Next(6))
        {
            case 0: tensors.RemoveAt(at); break;
            case 1: tensors.Add((one with { Name = one.Name + ".more" }, bytes)); break;
            case 2: tensors[at] = (one with { Name = random.Next(2) == 0 ? "bert." + one.Name : "odd\n\"name" }, bytes); break;
            case 3: tensors[at] = (one with { Shape = [.. one.Shape.Reverse()] }, bytes); break;
            case 4: tensors[at] = (one with { Shape = [.. one.Shape, 2] }, [.. bytes, .. bytes]); break;
            default:
                var dtype = (Dtype)random.Next(10);
                tensors[at] = (one with { Dtype = dtype }, new byte[one.Items * dtype.ItemSize()]);
                break;
        }
        var bytesOf = tensors.DistinctBy(tensor => tensor.Entry.Name).ToDictionary(tensor => tensor.Entry.Name, tensor => tensor.Bytes);
        var layout = SafetensorsHeader.Layout(tensors.DistinctBy(tensor => tensor.Entry.Name).Select(tensor => tensor.Entry), header.Metadata);
        return [.. layout.ToBytes(), .. layout.Entries.SelectMany(entry => bytesOf[entry.Name])];
    }
}
