using System.Text;

namespace Rmt.Loaders.Tests.Mutations;

/// <summary>Changes one line of a vocab.txt.</summary>
internal static class VocabularyMutator
{
    private static readonly byte[][] Lines =
        [[], "\r"u8.ToArray(), "##"u8.ToArray(), "\0"u8.ToArray(), [0xC3], [0xED, 0xA0, 0x80], "\u3000"u8.ToArray(), "new"u8.ToArray(), "##new\r"u8.ToArray(), "e\u0301"u8.ToArray(), "😀"u8.ToArray()];

    public static (byte[] File, string Change) Change(byte[] file, Random random)
    {
        var lines = Split(file);
        var at = random.Next(lines.Count);
        switch (random.Next(7))
        {
            case 0: lines.RemoveAt(at); return (Join(lines), "a line less");
            case 1: lines.Insert(at, lines[random.Next(lines.Count)]); return (Join(lines), "a line twice");
            case 2: lines.Insert(at, Lines[random.Next(Lines.Length)]); return (Join(lines), "a line more");
            case 3: lines[at] = Lines[random.Next(Lines.Length)]; return (Join(lines), "another line");
            case 4: lines[at] = Encoding.ASCII.GetBytes(new string('y', 20_000)); return (Join(lines), "a long line");
            case 5: return ([0xEF, 0xBB, 0xBF, .. file], "a byte-order mark");
            default:
                lines.InsertRange(at, Enumerable.Range(0, random.Next(2, 300)).Select(i => Encoding.ASCII.GetBytes($"w{i}")));
                return (Join(lines), "many lines more");
        }
    }

    private static List<byte[]> Split(byte[] file)
    {
        var lines = new List<byte[]>();
        foreach (var range in file.AsSpan().Split((byte)'\n'))
            lines.Add(file[range]);
        return lines;
    }

    private static byte[] Join(List<byte[]> lines) => [.. lines.SelectMany((line, i) => i == 0 ? line : [(byte)'\n', .. line])];
}
