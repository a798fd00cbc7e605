using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rmt.Bert;

/// <summary>Layers whose weights are whatever memory held, until a checkpoint fills them or <see cref="Draw"/> does: random numbers for 110 million weights take
/// longer than reading them. Biases are zero and norms are one from the start.</summary>
public static class Blank
{
    /// <summary>Every matrix and table from N(0, <paramref name="std"/>); biases and norms, which have one dimension, stay.</summary>
    public static void Draw(nn.Module model, double std)
    {
        foreach (var (_, parameter) in model.named_parameters())
            if (parameter.ndim == 2) nn.init.normal_(parameter, 0, std);
    }

    /// <summary>y = W x + b, W [<paramref name="to"/>, <paramref name="from"/>].</summary>
    public static Linear Linear(long from, long to) => nn.Linear(nn.Parameter(empty([to, from])), nn.Parameter(zeros([to])));

    /// <summary>A table of rows to look up.</summary>
    public static Embedding Table(long rows, long width)
    {
        // The table is set and not given to the factory: TorchSharp's lists another one than it reads.
        var table = nn.Embedding(0, width);          // no row, so that no random number is drawn for it
        using var unused = table.weight;
        table.weight = (Parameter)nn.Parameter(empty([rows, width])).DetachFromDisposeScope();
        return table;
    }
}
