using System.Text;
using System.Text.RegularExpressions;
using static Rmt.Loaders.Tests.SafetensorsBytes;

namespace Rmt.Loaders.Tests;

/// <summary>Headers broken at random: nothing but a <see cref="LoadException"/> may come out, and whatever is accepted must be safe to read.</summary>
public sealed partial class SafetensorsHeaderMutationTests(ITestOutputHelper output)
{
    private const int Data = 60, Mutants = 20_000;
    private const string Good = """
        {"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"h":{"dtype":"F16","shape":[4,3],"data_offsets":[24,48]},"e":{"dtype":"U8","shape":[0],"data_offsets":[48,48]},"b":{"dtype":"I8","shape":[12],"data_offsets":[48,60]}}
        """;
    private static readonly string[] Numbers = ["0", "1", "-1", "12", "24", "48", "60", "61", "2147483648", "9223372036854775807", "9223372036854775808", "1.0", "1e2", "null", "\"3\"", "[]", "true"];
    private static readonly string[] Words = ["dtype", "shape", "data_offsets", "__metadata__", "w", "h", "F64", "BF16", "I8", "F8_E5M2", "", "\\ud800", "\\u0000", "ü"];

    [Fact]
    public void Twenty_thousand_mutants_are_accepted_safely_or_refused_with_a_sentence()
    {
        _ = Parse(File(Good, Data));
        var random = new Random(20_240_607);
        var reasons = new SortedDictionary<string, int>();
        for (var i = 0; i < Mutants; i++)
        {
            var file = Mutate(random);
            string reason;
            try
            {
                var header = Parse(file);
                reason = "accepted";
                Assert.Equal(file.Length - header.DataStart, header.Entries.Sum(entry => entry.Length));
                Assert.All(header.Entries, entry => Assert.Equal(entry.Length, entry.Items * entry.Dtype.ItemSize()));
            }
            catch (LoadException e)
            {
                Assert.InRange(e.Message.Length, 10, 700);
                reason = Reason(e.Message);
            }
            reasons[reason] = reasons.GetValueOrDefault(reason) + 1;
        }
        foreach (var (reason, count) in reasons)
            output.WriteLine($"{count,6}  {reason}");
        // A mutation that only breaks the JSON tests System.Text.Json: most must get past it.
        var stopped = reasons.Where(reason => reason.Key.Contains("not JSON") || reason.Key.Contains("not UTF") || reason.Key.Contains("begin with")).Sum(reason => reason.Value);
        Assert.InRange(stopped, 1, Mutants / 2);
        Assert.InRange(reasons.Count, 20, 200);
    }

    private static byte[] Mutate(Random random)
    {
        var json = Good;
        var data = Data;
        for (var change = random.Next(1, 4); change > 0; change--)
        {
            switch (random.Next(7))
            {
                case 0: json = ReplaceOne(Number(), json, Numbers, random); break;
                case 1: json = ReplaceOne(Number(), json, [$"{random.Next(70)}"], random); break;
                case 2: json = ReplaceOne(Word(), json, Words, random); break;
                case 3: json = RemoveOne(Member(), json, random); break;
                case 4: json = ReplaceOne(Member(), json, [Pick(Member().Matches(json), random)], random); break;   // one member instead of another: duplicates
                case 5: data = Math.Max(0, data + random.Next(-4, 5)); break;
                default: json = json.PadRight(json.Length + random.Next(9)); break;
            }
        }
        var file = File(json, data);
        if (random.Next(8) == 0)
            file[random.Next(file.Length)] ^= (byte)(1 << random.Next(8));   // a bit anywhere, the length included
        return random.Next(20) == 0 ? file[..random.Next(file.Length)] : file;
    }

    private static string ReplaceOne(Regex what, string json, string[] by, Random random)
    {
        var matches = what.Matches(json);
        if (matches.Count == 0)
            return json;
        var match = matches[random.Next(matches.Count)];
        return json[..match.Index] + by[random.Next(by.Length)] + json[(match.Index + match.Length)..];
    }

    private static string RemoveOne(Regex what, string json, Random random)
    {
        var matches = what.Matches(json);
        if (matches.Count == 0)
            return json;
        var match = matches[random.Next(matches.Count)];
        var end = match.Index + match.Length;
        return json[..match.Index] + (end < json.Length && json[end] == ',' ? json[(end + 1)..] : json[end..]);
    }

    private static string Pick(MatchCollection matches, Random random) => matches.Count == 0 ? "\"w\":1" : matches[random.Next(matches.Count)].Value;

    /// <summary>The sentence without what is particular to one file.</summary>
    private static string Reason(string message)
    {
        var sentence = message["model.safetensors: ".Length..];
        if (sentence.Contains("not JSON"))
            return "the header is not JSON";
        return Particular().Replace(sentence, "…");
    }

    [GeneratedRegex(@"-?\b[0-9]+\b")]
    private static partial Regex Number();

    [GeneratedRegex(@"(?<="")[A-Za-z0-9_]+(?="")")]
    private static partial Regex Word();

    [GeneratedRegex(@"""[a-z_]+"":(?:""[^""]*""|\[[^\]]*\]|\{[^}]*\})")]
    private static partial Regex Member();

    [GeneratedRegex(@"'[^']*'|\[[^\]]*\]|\b[A-Z]+[0-9]+\b|(?<=found ).*|-?[0-9]+(?:\.[0-9]+)?|(?<=the byte ).*")]
    private static partial Regex Particular();
}
