using System.Buffers.Binary;
using System.Text;

namespace Rmt.Loaders.Tests;

/// <summary>Whole safetensors files as bytes, with a header written by hand.</summary>
internal static class SafetensorsBytes
{
    /// <summary>Length, this JSON as it stands, and so many bytes 0, 1, 2 … for the tensors.</summary>
    public static byte[] File(string json, int data) => File(Encoding.UTF8.GetBytes(json), data);

    public static byte[] File(ReadOnlySpan<byte> json, int data)
    {
        var bytes = new byte[8 + json.Length + data];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)json.Length);
        json.CopyTo(bytes.AsSpan(8));
        for (var i = 0; i < data; i++)
            bytes[8 + json.Length + i] = (byte)i;
        return bytes;
    }

    /// <summary>What opening a file with these bytes does, without a file.</summary>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> file)
    {
        var length = SafetensorsHeader.JsonLength("model.safetensors", file[..Math.Min(8, file.Length)], file.Length);
        return SafetensorsHeader.Parse("model.safetensors", file.Slice(8, length), file.Length);
    }

    /// <summary>The sentence with which such a file is refused.</summary>
    public static string Refusal(ReadOnlySpan<byte> file)
    {
        try
        {
            _ = Parse(file);
        }
        catch (LoadException e)
        {
            Assert.Equal("model.safetensors", e.Path);
            Assert.DoesNotContain('\n', e.Message);
            return e.Message;
        }
        Assert.Fail("was not refused");
        return "";
    }

    /// <summary>The same for a file of this JSON and so many bytes.</summary>
    public static string Refusal(string json, int data) => Refusal(File(json, data));
}
