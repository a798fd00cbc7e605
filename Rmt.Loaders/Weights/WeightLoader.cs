using static TorchSharp.torch;

namespace Rmt.Loaders;

/// <summary>Fills parameters from a checkpoint. Nothing is copied before everything has been compared.</summary>
public static class WeightLoader
{
    /// <summary>Fills the parameters of a module by name.</summary>
    /// <returns>What fitted and what did not; see <see cref="LoadReport.RequireComplete"/>.</returns>
    public static LoadReport Load(nn.Module target, Checkpoint checkpoint, WeightMap map) => Load(target, checkpoint, map, copy: true);

    internal static LoadReport Load(nn.Module target, Checkpoint checkpoint, WeightMap map, bool copy) =>
        Load(target.named_parameters().ToDictionary(entry => entry.name, entry => (Tensor)entry.parameter), checkpoint, map.Parameter, copy);

    /// <summary>Fills tensors by name.</summary>
    /// <param name="targets">By the names that <paramref name="nameOf"/> gives.</param>
    /// <param name="checkpoint">The file or its shards.</param>
    /// <param name="nameOf">From a name in the file to a name of the targets; null for what is left aside.</param>
    public static LoadReport Load(IReadOnlyDictionary<string, Tensor> targets, Checkpoint checkpoint, Func<string, string?> nameOf) =>
        Load(targets, checkpoint, nameOf, copy: true);

    // Without copying: only the comparison, for which the headers are enough.
    internal static LoadReport Load(IReadOnlyDictionary<string, Tensor> targets, Checkpoint checkpoint, Func<string, string?> nameOf, bool copy)
    {
        var found = new Dictionary<string, TensorEntry>();
        List<string> unexpected = [], leftAside = [];
        var misfits = new List<Misfit>();
        foreach (var entry in checkpoint.Entries)
        {
            if (nameOf(entry.Name) is not { } name) leftAside.Add(entry.Name);
            else if (!targets.TryGetValue(name, out var target)) unexpected.Add(entry.Name);
            else if (found.TryGetValue(name, out var other))
                misfits.Add(new(name, entry.Name, $"tensors {Quoted.Name(other.Name)} and {Quoted.Name(entry.Name)} are both meant for {name}"));
            else if (Problem(entry, target) is { } problem) misfits.Add(new(name, entry.Name, problem));
            else found.Add(name, entry);
        }
        var missing = targets.Keys.Where(name => !found.ContainsKey(name) && misfits.All(misfit => misfit.Parameter != name)).ToList();
        if (copy)
            foreach (var (name, entry) in found) checkpoint.CopyTo(entry, targets[name]);
        return new(checkpoint.Path, [.. found.Keys], missing, unexpected, misfits) { LeftAside = leftAside };
    }

    private static string? Problem(TensorEntry entry, Tensor target)
    {
        if (!entry.Shape.SequenceEqual(target.shape))
            return $"tensor {Quoted.Name(entry.Name)} is {Quoted.Shape(entry.Shape)}, the configuration needs {Quoted.Shape(target.shape)}";
        return entry.Dtype.IsFloatingPoint() ? null : $"tensor {Quoted.Name(entry.Name)} holds {entry.Dtype}, needed are real numbers (F64, F32, F16 or BF16)";
    }
}
