using System.Text;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Rmt.Adapter;

// The stream: a name and version, what the training was made of, where it stands, the trained weights by name, the optimizer's state, the best
// weights, a closing word. Numbers and strings as BinaryWriter writes them, tensors and optimizer as the binding does.
public sealed partial class Trainer
{
    private const string Opening = "rmt training, version 2", Closing = "end of rmt training";

    /// <summary>Writes everything that <see cref="Load"/> needs to go on as if training had never stopped: trained weights, the optimizer's state, the
    /// number of updates, the best weights and their accuracy. Not the weights of a frozen backbone, and no documents.</summary>
    /// <param name="stream">Stays open.</param>
    public void Save(Stream stream)
    {
        using var scope = NewDisposeScope();
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Encoding.ASCII.GetBytes(Opening));
        foreach (var (_, value) in Makings()) writer.Write(value);
        writer.Write(Update);
        writer.Write(BestAccuracy ?? double.NaN);
        writer.Write(BestLoss ?? double.NaN);
        writer.Write(BestUpdate);
        writer.Write(worse);
        writer.Write((int?)End ?? -1);
        foreach (var (_, parameter) in trained) parameter.Save(writer);
        optimizer.save_state_dict(writer);
        foreach (var value in best.Values) value.Save(writer);
        writer.Write(Closing);
        writer.Flush();
    }

    /// <summary>Puts back what <see cref="Save"/> wrote. Made with the same options, documents and kind of model, the losses that follow are on a CPU
    /// those of a training that was never stopped, to the bit.</summary>
    /// <param name="stream">Stays open.</param>
    /// <exception cref="InvalidDataException">This is no saved training, one with other options, documents or weights (nothing is changed then), or a
    /// part of one (the trainer and its model are of no use then).</exception>
    public void Load(Stream stream)
    {
        using var scope = NewDisposeScope();
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        try
        {
            Expect("the beginning", Opening, Encoding.ASCII.GetString(reader.ReadBytes(Opening.Length)));
            foreach (var (name, value) in Makings()) Expect(name, value, reader.ReadString());
            Update = reader.ReadInt64();
            BestAccuracy = Known(reader.ReadDouble());
            BestLoss = Known(reader.ReadDouble());
            BestUpdate = reader.ReadInt64();
            worse = reader.ReadInt32();
            End = reader.ReadInt32() is var end and >= 0 ? (TrainingEnd)end : null;
            foreach (var (_, parameter) in trained) parameter.Load(reader);
            optimizer.load_state_dict(reader);
            foreach (var value in best.Values) value.Load(reader);
            Expect("the end", Closing, reader.ReadString());
        }
        catch (Exception cause) when (cause is EndOfStreamException or FormatException or ArgumentException or OverflowException)
        {
            throw new InvalidDataException($"this is no saved training, or a part of one: {cause.Message}", cause);
        }
    }

    // What must be the same for a training to go on: another value would go on to something else without a word.
    private IEnumerable<(string Name, string Value)> Makings() =>
    [
        ("the options", JsonSerializer.Serialize(Options)),
        ("the number of documents to train on", $"{training.Count}"),
        ("the number of documents to evaluate on", $"{validation.Count}"),
        ("the layout of a window", $"{segmenter.Layout.Window} tokens, {segmenter.Layout.MemoryTokens} of memory"),
        ("the alignment of segments", $"{segmenter.Alignment}"),
        ("the segments that a gradient passes through", backpropagation is BackpropagationThroughTime { Depth: { } depth } ? $"{depth}" : "all"),
        ("the trained weights", string.Join("; ", trained.Select(entry => $"{entry.Name} [{string.Join(", ", entry.Parameter.shape)}] {entry.Parameter.dtype}"))),
    ];

    /// <exception cref="InvalidDataException">They differ; the message shows where.</exception>
    internal static void Expect(string name, string expected, string found)
    {
        if (found == expected) return;
        var same = expected.Zip(found).TakeWhile(pair => pair.First == pair.Second).Count();
        var from = Math.Max(0, same - 30);
        throw new InvalidDataException($"{name} of the saved training differ: expected '{From(expected, from)}', found '{From(found, from)}'");
    }

    private static double? Known(double value) => double.IsNaN(value) ? null : value;

    private static string From(string text, int begin) => text.Length - begin > 80 ? $"{text.AsSpan(begin, 80)}…" : text[begin..];
}
