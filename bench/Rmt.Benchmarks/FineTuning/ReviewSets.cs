using System.Text.Json;
using Rmt.Adapter;

namespace Rmt.Benchmarks;

/// <summary>Labelled reviews as token ids: <c>train.jsonl</c>, <c>valid.jsonl</c> and <c>test.jsonl</c> of a folder, an object with text and label a line.</summary>
internal sealed record ReviewSets(IReadOnlyList<TrainingDocument> Training, IReadOnlyList<TrainingDocument> Validation, IReadOnlyList<TrainingDocument> Test)
{
    private static readonly string[] Labels = ["neg", "pos"];

    /// <exception cref="IOException">A file is missing or a line of it is no review; named by file and line.</exception>
    public static ReviewSets Load(string folder, ITokenizer tokenizer)
    {
        return new(Read("train"), Read("valid"), Read("test"));

        TrainingDocument[] Read(string name)
        {
            var path = Path.Combine(folder, name + ".jsonl");
            return [.. File.ReadLines(path).Select((line, i) => Review(line, $"{path}:{i + 1}"))];
        }

        TrainingDocument Review(string line, string where)
        {
            var record = JsonSerializer.Deserialize<JsonElement>(line);
            if (!record.TryGetProperty("text", out var text) || !record.TryGetProperty("label", out var label) || Array.IndexOf(Labels, label.ToString()) is not (>= 0 and var index))
                throw new IOException($"{where}: expected an object with \"text\" and \"label\", which is {string.Join(" or ", Labels)}");
            return new(tokenizer.Encode(text.GetString()!).Where(id => !tokenizer.Special.Contains(id)).ToArray(), index);
        }
    }

    /// <summary>Number of labels.</summary>
    public static int Classes => Labels.Length;
}
