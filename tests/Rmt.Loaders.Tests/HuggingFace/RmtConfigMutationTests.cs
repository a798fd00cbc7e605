using System.Text;
using System.Text.Json.Nodes;

namespace Rmt.Loaders.Tests;

/// <summary>Configurations broken at random: nothing but a <see cref="LoadException"/> may come out, and what is accepted is written and read again.</summary>
public sealed class RmtConfigMutationTests(ITestOutputHelper output)
{
    private const int Mutants = 6_000;
    private static readonly string[] Values = ["null", "0", "1", "-1", "2", "9", "499", "512", "2147483648", "1e400", "1.5", "10.0", "\"\"", "\"right\"", "\"0\"", "true", "[]", "{}", "[[1]]", "{\"0\":\"a\"}", "{\"a\":0}", "\"\\ud800\""];

    [Fact]
    public void Six_thousand_mutants_are_accepted_or_refused_with_a_sentence()
    {
        var random = new Random(11);
        var reasons = new SortedDictionary<string, int>();
        for (var i = 0; i < Mutants; i++)
        {
            var bytes = Mutate(random);
            string reason;
            try
            {
                var config = RmtConfig.Parse(JsonFile.Parse("rmt_config.json", bytes));
                reason = "accepted";
                var written = config.ToBytes();
                Assert.Equal(written, RmtConfig.Parse(JsonFile.Parse("rmt_config.json", written)).ToBytes());
            }
            catch (LoadException e)
            {
                Assert.StartsWith("rmt_config.json: ", e.Message);
                Assert.InRange(e.Message.Length, 20, 500);
                reason = string.Join(' ', e.Message["rmt_config.json: ".Length..].Split(' ').Take(2)).Split('.')[0];
            }
            reasons[reason] = reasons.GetValueOrDefault(reason) + 1;
        }
        foreach (var (reason, count) in reasons)
            output.WriteLine($"{count,6}  {reason}");
        Assert.InRange(reasons["is not"] + reasons["has a"], 1, Mutants / 2);   // stopped at the JSON; the others were stopped by our rules, or by none
        Assert.InRange(reasons["accepted"], 100, Mutants / 2);
        Assert.InRange(reasons.Count, 12, 100);
    }

    private static byte[] Mutate(Random random)
    {
        var root = JsonNode.Parse(RmtConfigTests.Good)!.AsObject();
        for (var change = random.Next(1, 4); change > 0; change--)
        {
            var target = random.Next(4) == 0 && root["id2label"] is JsonObject labels ? labels : random.Next(4) == 0 && root["label2id"] is JsonObject ids ? ids : root;
            if (target.Count == 0)
                continue;
            var key = target.ElementAt(random.Next(target.Count)).Key;
            switch (random.Next(4))
            {
                case 0: _ = target.Remove(key); break;
                case 1: target[$"{random.Next(4)}"] = JsonValue.Create("x"); break;
                case 2: target[key] = random.Next(600); break;
                default: target[key] = JsonValue.Create($"@{random.Next(Values.Length)}@"); break;
            }
        }
        var json = root.ToJsonString();
        for (var i = 0; i < Values.Length; i++)
            json = json.Replace($"\"@{i}@\"", Values[i]);   // as raw text: JsonNode would not write a broken string
        var bytes = Encoding.UTF8.GetBytes(json);
        if (random.Next(8) == 0)
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        return random.Next(20) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }
}
