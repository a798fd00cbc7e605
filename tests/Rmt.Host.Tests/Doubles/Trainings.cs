using System.Text.Json;
using Rmt.Testing;

namespace Rmt.Host.Tests.Doubles;

/// <summary>A folder with what tiny trainings need, and what they left there.</summary>
internal sealed class Trainings : IDisposable
{
    private const string Words = """
        [PAD] [UNK] [CLS] [SEP] [MASK] . ? , mary john daniel sandra moved went back journeyed travelled to the where is
        bathroom hallway garden office bedroom kitchen what north south east west of a an old young quiet good bad film it was and
        """;

    public TempFolder Folder { get; } = new();

    public Trainings() => _ = Folder.Write("vocab.txt", string.Join('\n', Words.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)) + "\n");

    public string this[params string[] parts] => Folder[parts];

    /// <summary>A tiny BERT of random weights, windows of 32 tokens, one thread: sums are then rounded the same each time.</summary>
    public string[] New(string save, params string[] args) =>
        With(["train", "--new", "1x16x2", "--vocabulary", this["vocab.txt"], "--window", "32", "--memory-tokens", "4", "--threads", "1", "--save", this[save]], args);

    // An option may be given once: the later one stands. All of the first ones have a value.
    private static string[] With(string[] args, string[] others)
    {
        var kept = args.TakeWhile(arg => !arg.StartsWith("--", StringComparison.Ordinal)).ToList();
        kept.AddRange(args.Skip(kept.Count).Chunk(2).Where(pair => !others.Contains(pair[0])).SelectMany(pair => pair));
        return [.. kept, .. others];
    }

    /// <summary>Two stages of a memory task, of a second or two.</summary>
    public string[] Memorize(string save, params string[] args) => New(save,
        With(["--task", "memorize", "--stages", "1,2", "--updates", "6", "--rate", "3e-3", "--documents", "8", "--evaluate-every", "3", "--validation", "12"], args));

    /// <summary>Documents that say good or bad in their first word; of one segment or two.</summary>
    public string Reviews(string name, int count, string extra = "")
    {
        var dice = new Random(count);
        string Text(int i) => $"{(i % 2 == 0 ? "good" : "bad")} {string.Join(' ', Enumerable.Range(0, dice.Next(2, 20)).Select(_ => dice.Next(2) == 0 ? "film" : "it was"))}";
        return Folder.Write(name, string.Concat(Enumerable.Range(0, count).Select(i => $"{{\"text\":\"{Text(i)}\",\"label\":\"{(i % 2 == 0 ? "up" : "down")}\"}}\n")) + extra);
    }

    /// <summary>The lines of a training's log, without what a clock says.</summary>
    public List<string> Log(string save)
    {
        var lines = new List<string>();
        foreach (var line in File.ReadLines(this[save, "training.jsonl"]))
        {
            using var json = JsonDocument.Parse(line);
            lines.Add(string.Join(' ', json.RootElement.EnumerateObject().Where(member => member.Name is not ("seconds" or "tokens_per_second")).Select(member => $"{member.Name}={member.Value}")));
        }
        return lines;
    }

    public void Dispose() => Folder.Dispose();
}
