using System.Text.Json;
using Rmt.Adapter;
using Rmt.Testing;

namespace Rmt.Loaders.Tests;

/// <summary>Texts with the ids that the Rust library gave them, one a line.</summary>
internal static class GoldenIds
{
    public static void Compare(ITokenizer tokenizer, List<(string Text, List<int> Ids)> cases)
    {
        Assert.True(cases.Count > 2000);
        var different = cases.Where(c => !tokenizer.Encode(c.Text).SequenceEqual(c.Ids)).ToList();
        Assert.True(different.Count == 0, $"{different.Count} of {cases.Count} differ, first: {different.Select(Report).FirstOrDefault()}");

        string Report((string Text, List<int> Ids) c)
        {
            var ids = tokenizer.Encode(c.Text);
            var at = ids.Zip(c.Ids).TakeWhile(pair => pair.First == pair.Second).Count();
            return $"{JsonSerializer.Serialize(c.Text[..Math.Min(200, c.Text.Length)])} at id {at}: "
                + $"[{string.Join(' ', ids.Skip(at).Take(8))}] for [{string.Join(' ', c.Ids.Skip(at).Take(8))}]";
        }
    }

    public static List<(string Text, List<int> Ids)> Cases(params string[] file)
    {
        var cases = new List<(string, List<int>)>();
        foreach (var line in File.ReadLines(Shared.Path(["golden", .. file])))
        {
            using var document = JsonDocument.Parse(line);
            cases.Add((document.RootElement.GetProperty("text").GetString()!,
                [.. document.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())]));
        }
        return cases;
    }
}
