using System.Text;
using Rmt.Testing;

namespace Rmt.Loaders.Tests;

public sealed class SafetensorsWriterTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_bytes_are_those_the_format_describes()
    {
        var path = folder["x.safetensors"];
        SafetensorsWriter.Write(path, [Of("b", Dtype.U8, [1], 7), Of("a", Dtype.I16, [], 1, 2), Of("z", Dtype.I16, [0])], new Dictionary<string, string> { ["format"] = "pt" });
        const string Json = """{"__metadata__":{"format":"pt"},"a":{"dtype":"I16","shape":[],"data_offsets":[0,2]},"z":{"dtype":"I16","shape":[0],"data_offsets":[2,2]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}""";
        Assert.Equal(189, Json.Length);   // three spaces make it a multiple of eight
        Assert.Equal([192, 0, 0, 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(Json + "   "), 1, 2, 7], File.ReadAllBytes(path));
    }

    [Fact]
    public void No_tensors_make_a_file_of_sixteen_bytes()
    {
        SafetensorsWriter.Write(folder["x"], []);
        Assert.Equal([8, 0, 0, 0, 0, 0, 0, 0, .. "{}      "u8], File.ReadAllBytes(folder["x"]));
    }

    [Fact]
    public void Wide_types_stand_first_then_names_in_the_order_of_their_UTF8()
    {
        // 😀 is beyond U+FFFF: behind U+FFFD in UTF-8, before it in UTF-16.
        var names = SafetensorsHeader.Layout([
            Entry("é", Dtype.F32), Entry("😀", Dtype.F32), Entry("\uFFFD", Dtype.F32), Entry("a.10", Dtype.F32), Entry("a.2", Dtype.F32), Entry("B", Dtype.F32),
            .. Enum.GetValues<Dtype>().Where(dtype => dtype != Dtype.F32).Select(dtype => Entry(dtype.ToString(), dtype))]).Entries.Select(entry => entry.Name);
        Assert.Equal(["I64", "F64", "B", "a.10", "a.2", "é", "\uFFFD", "😀", "I32", "BF16", "F16", "I16", "I8", "U8", "BOOL"], names);

        static TensorEntry Entry(string name, Dtype dtype) => new(name, dtype, [1], 0, 0);
    }

    [Fact]
    public void Names_and_notes_of_any_letters_come_back()
    {
        const string Odd = "\"\\/\b\f\n\r\t\u0001\u007f<>&'üß漢😀\u2028";
        SafetensorsWriter.Write(folder["x"], [Of(Odd, Dtype.U8, [], 1)], new Dictionary<string, string> { [Odd] = Odd, [""] = "" });
        using var file = SafetensorsFile.Open(folder["x"]);
        Assert.Equal(Odd, Assert.Single(file.Entries).Name);
        Assert.Equal([new(Odd, Odd), new("", "")], file.Header.Metadata);
        // serde_json escapes what JSON requires and nothing more.
        Assert.Contains("""{"\"\\/\b\f\n\r\t\u0001""" + "\u007f<>&'üß漢😀\u2028\":", File.ReadAllText(folder["x"]));
    }

    [Fact]
    public void Random_files_come_back_as_they_were_written()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var tensors = Enumerable.Range(0, random.Next(8)).Select(i =>
            {
                var dtype = (Dtype)random.Next(10);
                var shape = Enumerable.Range(0, random.Next(4)).Select(_ => random.NextInt64(4)).ToArray();
                var bytes = new byte[TensorEntry.ItemsOf(shape) * dtype.ItemSize()];
                random.NextBytes(bytes);
                return (Source: Of($"tensor.{i}", dtype, shape, bytes), Bytes: bytes);
            }).ToList();
            SafetensorsWriter.Write(folder["x"], tensors.Select(tensor => tensor.Source));
            using var file = SafetensorsFile.Open(folder["x"]);
            Assert.Equal(tensors.Count, file.Entries.Count);
            Assert.Equal(0, file.Header.DataStart % 8);
            foreach (var (source, bytes) in tensors)
            {
                var entry = file.Find(source.Name);
                Assert.Equal((source.Dtype, 0), (entry.Dtype, (int)(entry.Begin % entry.Dtype.ItemSize())));
                Assert.Equal(source.Shape, entry.Shape);
                Assert.Equal(bytes, file.Bytes(entry));
            }
        }
    }

    [Fact]
    public void A_file_of_the_reference_writer_is_written_again_byte_for_byte()
    {
        var files = Directory.GetFiles(Shared.Path("models"), "*.safetensors", SearchOption.AllDirectories)
            .Concat(Directory.GetFiles(Shared.Path("golden"), "*.safetensors", SearchOption.AllDirectories)).ToList();
        Assert.NotEmpty(files);
        Assert.All(files, path =>
        {
            using var file = SafetensorsFile.Open(path);
            SafetensorsWriter.Write(folder["again"], file.Entries.Reverse().Select(entry => Of(entry.Name, entry.Dtype, entry.Shape, file.Bytes(entry))), file.Header.Metadata);
            Assert.True(File.ReadAllBytes(path).AsSpan().SequenceEqual(File.ReadAllBytes(folder["again"])), path);
        });
    }

    [Fact]
    public void A_failed_save_leaves_the_old_file_and_nothing_beside_it()
    {
        SafetensorsWriter.Write(folder["x"], [Of("old", Dtype.U8, [1], 1)]);
        var old = File.ReadAllBytes(folder["x"]);
        var broken = new TensorSource("b", Dtype.U8, [1_000_000], stream =>
        {
            stream.Write(new byte[500_000]);
            throw new IOException("disk full");
        });
        Assert.Equal("disk full", Assert.Throws<IOException>(() => SafetensorsWriter.Write(folder["x"], [Of("a", Dtype.I64, [1], 1, 2, 3, 4, 5, 6, 7, 8), broken])).Message);
        Assert.Equal(old, File.ReadAllBytes(folder["x"]));
        Assert.Equal(["x"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_source_that_writes_too_little_or_too_much_is_not_saved()
    {
        var e = Assert.Throws<InvalidOperationException>(() => SafetensorsWriter.Write(folder["x"], [Of("a", Dtype.F32, [2], 1, 2, 3)]));
        Assert.Equal("'a', F32 [2], needs 8 bytes; written were 3.", e.Message);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_name_stands_for_one_tensor()
    {
        Assert.Contains("'a' cannot be the name of two tensors", Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(folder["x"], [Of("a", Dtype.U8, [0]), Of("a", Dtype.U8, [0])])).Message);
        Assert.Contains("'__metadata__' cannot be the name of a tensor", Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(folder["x"], [Of("__metadata__", Dtype.U8, [0])])).Message);
    }

    [Fact]
    public void Written_in_whatever_order_it_is_the_same_file()
    {
        TensorSource[] sources = [Of("a", Dtype.U8, [3], 1, 2, 3), Of("b", Dtype.I16, [2], 4, 0, 5, 0), Of("c", Dtype.U8, [0]), Of("d", Dtype.BOOL, [], 1)];
        SafetensorsWriter.Write(folder["x"], sources);
        var entries = sources.Select(source => new TensorEntry(source.Name, source.Dtype, source.Shape, 0, 0)).ToArray();
        foreach (var order in new[] { "abcd", "dcba", "cadb" })
        {
            SafetensorsWriter.WriteInAnyOrder(folder["y"], entries, write =>
            {
                foreach (var source in order.Select(name => sources.Single(source => source.Name[0] == name))) write(source.Name, source.WriteTo);
            });
            Assert.Equal(File.ReadAllBytes(folder["x"]), File.ReadAllBytes(folder["y"]));
        }
    }

    [Theory]
    [InlineData("a", "1 tensors were not written: 'b'")]
    [InlineData("aba", "'a' has no place")]
    [InlineData("x", "'x' has no place")]
    [InlineData("aB", "needs 2 bytes; written were 1")]
    [InlineData("!", "disk full")]
    public void Left_out_written_twice_or_too_short_it_is_not_saved(string order, string message)
    {
        SafetensorsWriter.Write(folder["x"], [Of("old", Dtype.U8, [1], 1)]);
        var old = File.ReadAllBytes(folder["x"]);
        TensorEntry[] entries = [new("a", Dtype.U8, [1], 0, 0), new("b", Dtype.U8, [2], 0, 0)];
        var e = Assert.ThrowsAny<Exception>(() => SafetensorsWriter.WriteInAnyOrder(folder["x"], entries, write =>
        {
            foreach (var letter in order)
            {
                if (letter == '!') throw new IOException("disk full");
                write(char.ToLowerInvariant(letter).ToString(), stream => stream.Write(new byte[letter == 'b' ? 2 : 1]));
            }
        }));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.Equal(old, File.ReadAllBytes(folder["x"]));
        Assert.Equal(["x"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    private static TensorSource Of(string name, Dtype dtype, IReadOnlyList<long> shape, params byte[] bytes) => new(name, dtype, shape, stream => stream.Write(bytes));
}
